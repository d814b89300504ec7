"""The session bus: what is asked of it in more than one place."""

import asyncio
import contextlib
from typing import Any, Final

from dbus_fast import (
    AuthError,
    DBusError,
    InvalidAddressError,
    Message,
    MessageType,
)
from dbus_fast.aio import MessageBus

LOST: Final = (OSError, EOFError, DBusError, AuthError, InvalidAddressError)
"""What a call raises when the bus is gone, or never was."""

BUS = "org.freedesktop.DBus"
BUS_PATH = "/org/freedesktop/DBus"


async def ask(
    bus: MessageBus,
    destination: str,
    path: str,
    member: str,
    signature: str = "",
    *body: object,
) -> list[Any]:
    """
    Call *member*, named with its interface, and return the body of its reply.

    Raises:
        DBusError: If the reply is an error, or nobody is there to reply.
        OSError: If the bus is gone.
    """
    interface, _, name = member.rpartition(".")
    reply: Message | None = await bus.call(
        Message(
            destination=destination,
            path=path,
            interface=interface,
            member=name,
            signature=signature,
            body=list(body),
        )
    )
    if reply is None:  # dbus-fast's answer to a call that `disconnect` cuts off
        raise ConnectionAbortedError("the session bus was left")
    if reply.message_type is MessageType.ERROR:
        raise DBusError._from_message(reply)  # noqa: SLF001  # no public way to it
    return list(reply.body)


async def owner_of(bus: MessageBus, name: str) -> str:
    """Return the connection that owns *name*, or nothing; starts no service."""
    try:
        (owner,) = await ask(bus, BUS, BUS_PATH, f"{BUS}.GetNameOwner", "s", name)
    except DBusError:
        return ""
    return str(owner)


async def bus_id(bus: MessageBus) -> str:
    """Return the id of *bus*, which no other bus ever has."""
    (guid,) = await ask(bus, BUS, BUS_PATH, f"{BUS}.GetId")
    return str(guid)


async def watch(bus: MessageBus, rule: str) -> None:
    """Have the bus send the signals that match *rule*."""
    rule = f"type='signal',{rule}"
    await ask(bus, BUS, BUS_PATH, f"{BUS}.AddMatch", "s", rule)


async def watch_owner(bus: MessageBus, name: str) -> None:
    """Have the bus tell when *name* changes hands, by NameOwnerChanged."""
    await watch(bus, f"sender='{BUS}',member='NameOwnerChanged',arg0='{name}'")


async def disconnected(bus: MessageBus) -> None:
    """Wait until *bus* is gone, for whatever reason."""
    with contextlib.suppress(*LOST):
        await bus.wait_for_disconnect()  # type: ignore[no-untyped-call]  # left bare


async def disconnect(bus: MessageBus) -> None:
    """Let go of *bus*; its socket is closed once this returns."""
    bus.disconnect()
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(disconnected(bus), 1)


def ignore_lost(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """
    Handle what nobody waits for, as a loop's exception handler.

    A lost bus is told to whoever waits for the connection; dbus-fast also sets it on
    the future of each signal that was under way, which nobody holds.
    """
    if not isinstance(context.get("exception"), LOST):
        loop.default_exception_handler(context)
