package gaia.lib.setting_test

import data.gaia.lib.setting

resource(after, after_unknown) := {"change": {"after": after, "after_unknown": after_unknown}}

rows := [{"path": ["block", 0, "on"], "want": "on"}]

test_on_is_fine if {
	count(setting.wrong(resource({"block": [{"on": true}]}, {}), rows)) == 0
}

test_off_and_absent_and_null_are_wrong if {
	setting.wrong(resource({"block": [{"on": false}]}, {}), rows) == {"block.on"}
	setting.wrong(resource({"block": []}, {}), rows) == {"block.on"}
	setting.wrong(resource({"block": [{"on": null}]}, {}), rows) == {"block.on"}
}

test_unknown_is_not_wrong if {
	change := resource({"block": [{}]}, {"block": [{"on": true}]})
	count(setting.wrong(change, rows)) == 0
	setting.unknown(change, rows) == {"block.on"}
}

test_off_may_be_left_out if {
	off := [{"path": ["public"], "want": "off"}]
	count(setting.wrong(resource({}, {}), off)) == 0
	setting.wrong(resource({"public": true}, {}), off) == {"public"}
}

test_texts_numbers_and_choices if {
	wants := [{"path": ["a"], "want": "set"}, {"path": ["b"], "want": {"at_least": 14}}, {"path": ["c"], "want": {"one_of": {"x", "y"}}}]
	count(setting.wrong(resource({"a": "arn", "b": 14, "c": "y"}, {}), wants)) == 0
	setting.wrong(resource({"a": "", "b": 7, "c": "z"}, {}), wants) == {"a", "b", "c"}
}
