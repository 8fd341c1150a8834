package gaia.plan.required_tags_test

import data.gaia.plan.required_tags

all_tags := {
	"cost-center": "c1", "owner": "ann", "tenant": "acme", "stage": "dev", "service": "orders",
	"gaia:instance": "acme-use1-dev/orders-key",
}

planned(after, after_unknown) := {"resource_changes": [{
	"address": "aws_kms_key.this", "mode": "managed", "type": "aws_kms_key", "name": "this",
	"change": {"actions": ["create"], "before": null, "after": after, "after_unknown": after_unknown},
}]}

nothing if {
	count(required_tags.deny) == 0
	count(required_tags.undecided) == 0
}

test_all_tags_are_allowed if nothing with input as planned({"tags": all_tags, "tags_all": all_tags}, {})

test_complete_tags_give_no_warning if {
	count(required_tags.warn) == 0 with input as planned({"tags": all_tags, "tags_all": all_tags}, {})
}

test_default_tags_of_the_provider_count if nothing with input as planned({"tags": null, "tags_all": all_tags}, {})

test_resource_without_tags_of_its_own_is_not_asked if nothing with input as planned({"name": "x"}, {"id": true})

test_missing_tag_is_denied if {
	required_tags.deny == {{"address": "aws_kms_key.this", "message": "the tag owner is missing or empty"}} with input as planned({"tags": object.remove(all_tags, ["owner"]), "tags_all": object.remove(all_tags, ["owner"])}, {})
}

test_empty_tag_is_denied if {
	count(required_tags.deny) == 1 with input as planned({"tags_all": object.union(all_tags, {"owner": " "})}, {})
}

test_no_tags_are_denied if {
	count(required_tags.deny) == 5 with input as planned({"tags": null}, {"tags_all": true})
}

test_unknown_tag_is_undecided if {
	change := planned({"tags": object.remove(all_tags, ["owner"])}, {"tags": {"owner": true}, "tags_all": true})
	count(required_tags.deny) == 0 with input as change
	required_tags.undecided == {{"address": "aws_kms_key.this", "message": "the tag owner is known only after apply"}} with input as change
}

test_unknown_tags_are_undecided if {
	count(required_tags.undecided) == 5 with input as planned({}, {"tags": true, "tags_all": true})
}

test_missing_instance_tag_is_a_warning if {
	untagged := planned({"tags_all": object.remove(all_tags, ["gaia:instance"])}, {})
	count(required_tags.warn) == 1 with input as object.union(untagged, {"gaia": {"service": "orders"}})
}

test_an_instance_of_no_service_needs_no_instance_tag_allowed if {
	untagged := planned({"tags_all": object.remove(all_tags, ["gaia:instance"])}, {})
	every about in [{}, {"gaia": {}}, {"gaia": {"service": ""}}] {
		count(required_tags.warn) == 0 with input as object.union(untagged, about)
	}
}

test_a_tag_set_to_nothing_is_denied if {
	count(required_tags.deny) == 1 with input as planned({"tags_all": object.union(all_tags, {"owner": null})}, {})
}
