package gaia.plan.nothing_is_lost_test

import data.gaia.lib.sample_test as sample
import data.gaia.plan.nothing_is_lost

says(deny, undecided) if {
	count(nothing_is_lost.deny) == deny
	count(nothing_is_lost.undecided) == undecided
}

lost(stage, tags, actions) := sample.of(stage, sample.lost("aws_db_instance", {"tags": tags}, actions))

test_an_update_is_allowed if says(0, 0) with input as lost("prod", {}, ["update"])

test_what_is_labelled_is_allowed if says(0, 0) with input as lost("prod", {"gaia:disposable": "true"}, ["delete"])

test_what_holds_nothing_is_allowed if says(0, 0) with input as sample.of("prod", sample.lost("aws_route", {}, ["delete"]))

test_destroying_is_denied if says(1, 0) with input as lost("prod", {}, ["delete"])

test_replacing_is_denied if {
	every actions in [["delete", "create"], ["create", "delete"]] {
		says(1, 0) with input as lost("prod", {"gaia:disposable": "false"}, actions)
	}
}

test_elsewhere_it_is_a_warning if {
	says(0, 0) with input as lost("dev", {}, ["delete"])
	count(nothing_is_lost.warn) == 1 with input as lost("dev", {}, ["delete"])
}

test_an_unsaid_stage_is_undecided if says(0, 1) with input as sample.lost("aws_s3_bucket", {"tags": null}, ["delete"])
