"""The section `Start`."""

from __future__ import annotations

from gaia.cli.entry import Entry, Section
from gaia.cli.new_menu import NEW

START = Section(
    "Start",
    (
        Entry("init", "Make a platform repository and its first admin.", "start:init"),
        Entry("adopt", "Register a repository that exists; nothing in it is changed.", "start:adopt"),
        Entry("leave", "Serve a repository no longer; nothing is taken away.", "start:leave"),
        Entry("demo", "Go through the whole loop on this machine, with an emulated AWS.", "start:demo"),
        Entry("login", "Sign in at the provider of identities.", "login:login"),
        Entry("logout", "Forget who signed in.", "login:logout"),
        Entry("whoami", "Show who is calling, and what they may do.", "login:whoami"),
        NEW,
        Entry("doctor", "Check what this machine has and lacks.", "doctor:doctor"),
        Entry("help", "Show the help of a command.", "help:show"),
        Entry("version", "Show the version and the machine it runs on.", "shell:version"),
        Entry("completion", "Print the completion script of a shell.", "shell:completion"),
        Entry("link-atmos", "Make a link called atmos, for scripts that call it.", "shell:link_atmos"),
    ),
)
