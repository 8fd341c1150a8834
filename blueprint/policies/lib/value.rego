# METADATA
# title: Reading attributes of a plan
# description: >
#   A value that is not known before apply is absent from `change.after` and true in `change.after_unknown`. A rule that
#   reads `after` directly takes unknown for absent, and is wrong whether it denies or allows; and one that goes through a
#   list directly breaks where there is null. Read through here.
package gaia.lib.value

# What the plan says about an attribute of `resource_changes[_].change`: an object with
#   state   "known", "null" (set to nothing), "absent" (not there at all) or "unknown" (it, something above or something
#           below it is known only after apply)
#   value   when the state is "known"
read(change, path) := answer(found(change, path), change, path)

answer(value, change, path) := {"state": "unknown"} if {
	unknown(change, path)
} else := {"state": "absent"} if {
	value == missing
} else := {"state": "null"} if {
	value == null
} else := {"state": "known", "value": value}

unknown(change, path) if {
	below := object.get(change, array.concat(["after_unknown"], path), false)
	not below in {false, {}}
	walk(below, [_, true])
} else if {
	# Where something above is unknown, nothing is found here; what is found need not be looked for above.
	found(change, path) == missing
	some length in numbers.range(0, count(path) - 1)
	object.get(change, array.concat(["after_unknown"], array.slice(path, 0, length)), false) == true
}

# Whether it, or what it is in, is unknown as a whole: a block of which not even the number is known.
hidden(change, path) if {
	some length in numbers.range(0, count(path))
	object.get(change, array.concat(["after_unknown"], array.slice(path, 0, length)), false) == true
}

found(change, path) := object.get(change, array.concat(["after"], path), missing)

# No plan holds this object.
missing := {"gaia.lib.value": "missing"}

# The members of a list that are known; none where there is no list.
members(change, path) := items(object.get(change, array.concat(["after"], path), []))

items(list) := list if is_array(list)

items(list) := [] if not is_array(list)

# Those of them that are objects, or texts.
blocks(change, path) := [one | some one in members(change, path); is_object(one)]

texts(list) := [one | some one in items(list); is_string(one)]

# A list, for what may be one thing or a list of them.
list(item) := item if is_array(item)

list(item) := [item] if not is_array(item)
