"""The session bus: the calls that the tray and the notifications share."""

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
"""What a call raises without a bus, or when it is lost."""

BUS = "org.freedesktop.DBus"
BUS_PATH = "/org/freedesktop/DBus"


async def ask(
    bus: MessageBus,
    destination: str,
    path: str,
    member: str,
    signature: str = "",
    *body: object,
) -> list[Any]:  # of the types in the reply's own signature
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
    """Return the connection that owns *name*, or `""`; starts no service."""
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
    """Ask the bus for the signals that match *rule*."""
    rule = f"type='signal',{rule}"
    await ask(bus, BUS, BUS_PATH, f"{BUS}.AddMatch", "s", rule)


async def watch_owner(bus: MessageBus, name: str) -> None:
    """Ask the bus for NameOwnerChanged of *name*."""
    await watch(bus, f"sender='{BUS}',member='NameOwnerChanged',arg0='{name}'")


async def disconnected(bus: MessageBus) -> None:
    """Wait until *bus* is gone, for whatever reason."""
    with contextlib.suppress(*LOST):
        await bus.wait_for_disconnect()  # type: ignore[no-untyped-call]  # left bare


async def disconnect(bus: MessageBus) -> None:
    """Leave *bus*; its socket is closed once this returns."""
    bus.disconnect()
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(disconnected(bus), 1)


def ignore_lost(loop: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
    """
    Ignore a lost bus in futures that nobody awaits; use as a loop's exception handler.

    Who awaits the connection gets the exception; dbus-fast also sets it on the future
    of each signal that was being sent, which nothing refers to.
    """
    if not isinstance(context.get("exception"), LOST):
        loop.default_exception_handler(context)
