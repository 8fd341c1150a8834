# METADATA
# title: Reading attributes of a plan
# description: >
#   A value that is not known before apply is absent from `change.after` and true in `change.after_unknown`. A rule that
#   reads `after` directly takes unknown for absent, and is wrong whether it denies or allows. Read through here.
package gaia.lib.value

# What the plan says about an attribute of `resource_changes[_].change`: an object with
#   state   "known", "null" (set to nothing), "absent" (not there at all) or "unknown" (it, something above or something
#           below it is known only after apply)
#   value   when the state is "known"
read(change, path) := {"state": "unknown"} if unknown(change, path)

read(change, path) := {"state": "absent"} if {
	not unknown(change, path)
	found(change, path) == missing
}

read(change, path) := {"state": "null"} if {
	not unknown(change, path)
	found(change, path) == null
}

read(change, path) := {"state": "known", "value": value} if {
	not unknown(change, path)
	value := found(change, path)
	value != null
	value != missing
}

unknown(change, path) if {
	some length in numbers.range(0, count(path))
	inside(change, "after_unknown", array.slice(path, 0, length)) == true
}

unknown(change, path) if walk(inside(change, "after_unknown", path), [_, true])

found(change, path) := inside(change, "after", path)

inside(change, part, path) := object.get(change, array.concat([part], path), missing)

# No plan holds this object.
missing := {"gaia.lib.value": "missing"}
