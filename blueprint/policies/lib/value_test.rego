package gaia.lib.value_test

import data.gaia.lib.value

change := {
	"after": {"bucket": "orders", "policy": null, "tags": {"owner": "ann"}, "rule": [{"id": "a"}, {}]},
	"after_unknown": {"arn": true, "tags": {"stage": true}, "rule": [{}, {"id": true}]},
}

test_known if value.read(change, ["bucket"]) == {"state": "known", "value": "orders"}

test_known_false_is_known if {
	value.read({"after": {"on": false}, "after_unknown": {}}, ["on"]) == {"state": "known", "value": false}
}

test_nested if value.read(change, ["tags", "owner"]).value == "ann"

test_element_of_a_list if value.read(change, ["rule", 0, "id"]).value == "a"

test_null if value.read(change, ["policy"]) == {"state": "null"}

test_absent if value.read(change, ["nothing", "at", "all"]) == {"state": "absent"}

test_absent_below_null if value.read(change, ["policy", "x"]) == {"state": "absent"}

test_unknown if value.read(change, ["arn"]) == {"state": "unknown"}

test_unknown_below if value.read(change, ["tags"]) == {"state": "unknown"}

test_unknown_above if value.read(change, ["arn", "x"]) == {"state": "unknown"}

test_unknown_element_of_a_list if value.read(change, ["rule", 1, "id"]) == {"state": "unknown"}

test_known_beside_unknown if value.read(change, ["tags", "owner"]).state == "known"

test_wholly_unknown if value.read({"after": {}, "after_unknown": true}, ["x"]) == {"state": "unknown"}

test_deleted if value.read({"after": null, "after_unknown": {}}, ["x"]) == {"state": "absent"}
