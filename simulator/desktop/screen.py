"""A screen without a monitor: Xvfb, window manager, panel, notification server."""

import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from PIL import Image, ImageChops

from simulator.desktop.programs import Programs, first_line, need
from simulator.desktop.shot import grab
from simulator.desktop.waiting import until

Box: TypeAlias = tuple[int, int, int, int]

ICON = (11, 16)
"""The middle of the panel's first tray icon, which is 22 pixels wide."""
PANEL_HEIGHT = 32

DUNST = """[global]
    font = DejaVu Sans 10
    width = 360
    offset = 10x44
    frame_width = 2
    separator_height = 2
    padding = 10
    horizontal_padding = 12
    show_indicators = false
    markup = full
    format = "<b>%s</b>\\n%b"
    icon_position = off
"""
PANEL = """<?xml version="1.0" encoding="UTF-8"?>
<channel name="xfce4-panel" version="1.0">
  <property name="configver" type="int" value="2"/>
  <property name="panels" type="array"><value type="int" value="1"/>
    <property name="panel-1" type="empty">
      <property name="position" type="string" value="p=6;x=0;y=0"/>
      <property name="length" type="double" value="100"/>
      <property name="position-locked" type="bool" value="true"/>
      <property name="size" type="uint" value="32"/>
      <property name="icon-size" type="uint" value="0"/>
      <property name="background-style" type="uint" value="1"/>
      <property name="background-rgba" type="array">
        <value type="double" value="0.25"/><value type="double" value="0.38"/>
        <value type="double" value="0.63"/><value type="double" value="1"/>
      </property>
      <property name="plugin-ids" type="array"><value type="int" value="1"/></property>
    </property>
  </property>
  <property name="plugins" type="empty">
    <property name="plugin-1" type="string" value="systray"/>
  </property>
</channel>
"""


@dataclass(frozen=True, slots=True)
class Screen:
    """The screen as a person uses it: looks at it and clicks."""

    programs: Programs
    display: str

    def look(self, box: Box | None = None) -> Image.Image:
        return grab(self.display, box)

    def click(self, x: int, y: int, *, button: int = 1) -> None:
        """Click mouse button *button*: 1 is left, 3 is right."""
        self.programs.answer(
            "xdotool", "mousemove", f"{x}", f"{y}", "click", f"{button}"
        )

    def until_colour(self, x: int, y: int, colour: tuple[int, int, int]) -> None:
        until(lambda: self.look().getpixel((x, y)) == colour)

    def opened(self, act: Callable[[], object]) -> Box:
        """
        Call *act*, which opens something; return its place, once that is stable.

        Only below the panel, which lights up the icon under the mouse.
        """
        width, height = self.look().size
        below = (0, PANEL_HEIGHT, width, height)
        before = self.look(below)
        act()
        seen: list[Box] = []

        def still() -> Box | None:
            box = ImageChops.difference(before, self.look(below)).getbbox()
            if box is not None:
                left, top, right, bottom = box
                seen.append((left, top + PANEL_HEIGHT, right, bottom + PANEL_HEIGHT))
            settled = len(seen) > 5 and len(set(seen[-5:])) == 1
            return seen[-1] if settled else None

        return until(still)


def start_screen(programs: Programs, size: str = "800x600") -> Screen:
    """Start Xvfb and a window manager on a free display."""
    reading, writing = os.pipe()
    server = programs.start(
        "Xvfb",
        *("-displayfd", f"{writing}", "-screen", "0", f"{size}x24"),
        *("-nolisten", "tcp", "-noreset"),
        pass_fds=(writing,),
    )
    os.close(writing)
    with os.fdopen(reading) as pipe:
        number = first_line(server, pipe).strip()  # closed sooner, Xvfb would end
    programs.environment["DISPLAY"] = f":{number}"
    programs.start("openbox", "--sm-disable")
    root = ("xprop", "-root", "_NET_SUPPORTING_WM_CHECK")
    until(lambda: "window id" in programs.answer(*root))
    return Screen(programs, f":{number}")


def start_panel(programs: Programs) -> "subprocess.Popen[bytes]":
    """Start a panel along the top with a tray and nothing else."""
    need("xfce4-panel")
    channel = Path(programs.environment["XDG_CONFIG_HOME"], "xfce4", "xfconf")
    channel = channel / "xfce-perchannel-xml" / "xfce4-panel.xml"
    channel.parent.mkdir(parents=True, exist_ok=True)
    channel.write_text(PANEL)
    if not programs.owns("org.xfce.Xfconf"):
        (settings,) = Path("/usr/lib").glob("*/xfce4/xfconf/xfconfd")
        programs.start(str(settings))
        until(lambda: programs.owns("org.xfce.Xfconf"))
    panel = programs.start("xfce4-panel", "--disable-wm-check")
    until(lambda: programs.owns("org.kde.StatusNotifierWatcher"))
    return panel


def start_dunst(programs: Programs, *, pick: str = "") -> None:
    """Start a notification server that draws; its menu chooses the button *pick*."""
    configuration = programs.home / "dunstrc"
    menu = programs.home / "pick.sh"
    menu.write_text(f"#!/bin/sh\ngrep -m1 '{pick}'\n")
    menu.chmod(0o700)
    configuration.write_text(f"{DUNST}    dmenu = {menu}\n")
    programs.start("dunst", "-config", str(configuration))
    until(lambda: programs.owns("org.freedesktop.Notifications"))
