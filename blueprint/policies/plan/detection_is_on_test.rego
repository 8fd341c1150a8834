package gaia.plan.detection_is_on_test

import data.gaia.lib.sample_test as sample
import data.gaia.plan.detection_is_on

says(deny, undecided) if {
	count(detection_is_on.deny) == deny
	count(detection_is_on.undecided) == undecided
}

test_what_watches_is_allowed if {
	says(0, 0) with input as sample.planned("aws_guardduty_detector", {"enable": true}, {})
	says(0, 0) with input as sample.planned("aws_config_configuration_recorder_status", {"is_enabled": true}, {})
	says(0, 0) with input as sample.planned("aws_cloudtrail", {"enable_logging": true}, {})
}

test_retiring_is_allowed if {
	says(0, 0) with input as object.union(sample.lost("aws_cloudtrail", {}, ["delete"]), {"gaia": {"kind": "retire"}})
}

test_what_is_off_is_denied if {
	says(1, 0) with input as sample.planned("aws_guardduty_detector", {"enable": false}, {})
	says(1, 0) with input as sample.planned("aws_config_configuration_recorder_status", {"is_enabled": false}, {})
	says(1, 0) with input as sample.planned("aws_cloudtrail", {"enable_logging": false}, {})
}

test_taking_it_away_is_denied if says(1, 0) with input as sample.lost("aws_guardduty_detector", {}, ["delete"])

test_an_unknown_switch_is_undecided if says(0, 1) with input as sample.planned("aws_guardduty_detector", {}, {"enable": true})
