# METADATA
# title: Settings that must be on, must be set, or must be one of some values
# description: >
#   The rules that hold single attributes differ in which, not in how: a table of resource type, path and expectation,
#   and one reading that tells wrong, unknown and fine apart. Blocks are lists in a plan, so a path holds indices, or "*"
#   for every block.
package gaia.lib.setting

import data.gaia.lib.plan
import data.gaia.lib.value

# What is wrong with a resource by the rows of a table, each an object with
#   path  the attribute's path
#   want  "on" (true), "off" (false, or not set), "set" (a text that is not empty), {"at_least": N}, {"one_of": {…}},
#         {"matches": PATTERN}, or {"none_of": {…}}
#   may_be_absent  whether leaving it out is fine
wrong(resource, rows) := {shown(row.path) |
	some row in rows
	some path in paths(resource.change, row.path)
	fails(value.read(resource.change, path), row)
}

# What is known only after apply.
unknown(resource, rows) := {shown(row.path) |
	some row in rows
	some path in paths(resource.change, row.path)
	value.read(resource.change, path).state == "unknown"
	not chosen_by_aws(resource, row)
}

# Left out, an attribute that may be absent is AWS's choice, and that is no danger.
chosen_by_aws(resource, row) if {
	row.may_be_absent
	not plan.said(resource, row.path[0])
	not by_code(resource, row)
}

# An attribute of a block: the block is not of AWS's making.
by_code(resource, row) if {
	count(row.path) > 1
	plan.open(resource, row.path[0])
}

fails(read, row) if {
	read.state in {"absent", "null"}
	not row.may_be_absent
	row.want != "off"
	not row.want.none_of
}

fails(read, row) if {
	read.state == "known"
	not meets(read.value, row.want)
}

meets(found, "on") if found == true

# Terraform writes some booleans that may be left open as texts.
meets(found, "off") if found in {false, "false", ""}

meets(found, "on") if found == "true"

meets(found, "set") if {
	is_string(found)
	found != ""
}

meets(found, want) if {
	is_number(found)
	found >= want.at_least
}

meets(found, want) if found in want.one_of

meets(found, want) if {
	is_object(want)
	want.none_of
	not found in want.none_of
}

meets(found, want) if {
	is_string(found)
	regex.match(want.matches, found)
}

# The paths that are meant where one holds "*"; of blocks that are unknown as a whole, theirs.
paths(_, path) := [path] if not "*" in path

paths(change, path) := all if {
	"*" in path
	place := [at | some at, step in path; step == "*"][0]
	above := array.slice(path, 0, place)
	below := array.slice(path, place + 1, count(path))
	each := [array.concat(above, array.concat([number], below)) | some number, _ in value.members(change, above)]
	whole := [above | object.get(change, array.concat(["after_unknown"], above), false) == true]
	all := array.concat(each, whole)
}

# The attribute as people write it.
shown(path) := concat(".", [step | some step in path; is_string(step); step != "*"])
