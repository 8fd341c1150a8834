# METADATA
# title: Settings that must be on, must be set, or must be one of some values
# description: >
#   The rules that hold single attributes differ in which, not in how: a table of resource type, path and expectation,
#   and one reading that tells wrong, unknown and fine apart. Blocks are lists in a plan, so a path holds indices.
package gaia.lib.setting

import data.gaia.lib.value

# What is wrong with a resource by the rows of a table, each an object with
#   path  the attribute's path
#   want  "on" (true), "off" (false, or not set), "set" (a text that is not empty), {"at_least": N}, or {"one_of": {…}}
wrong(resource, rows) := {shown(row.path) |
	some row in rows
	fails(value.read(resource.change, row.path), row.want)
}

# What is known only after apply.
unknown(resource, rows) := {shown(row.path) |
	some row in rows
	value.read(resource.change, row.path).state == "unknown"
}

fails(read, want) if {
	read.state in {"absent", "null"}
	want != "off"
}

fails(read, want) if {
	read.state == "known"
	not meets(read.value, want)
}

meets(found, "on") if found == true

# Terraform writes some booleans that may be left open as texts.
meets(found, "off") if found in {false, "false", ""}

meets(found, "set") if {
	is_string(found)
	found != ""
}

meets(found, want) if {
	is_number(found)
	found >= want.at_least
}

meets(found, want) if found in want.one_of

# The attribute as people write it.
shown(path) := concat(".", [step | some step in path; is_string(step)])
