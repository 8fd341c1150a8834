package gaia.plan.log_retention_test

import data.gaia.lib.sample_test as sample
import data.gaia.plan.log_retention

says(deny, undecided) if {
	count(log_retention.deny) == deny
	count(log_retention.undecided) == undecided
}

group(stage, after, after_unknown) := sample.of(stage, sample.planned("aws_cloudwatch_log_group", after, after_unknown))

test_a_year_is_allowed if says(0, 0) with input as group("prod", {"retention_in_days": 365}, {})

test_a_month_of_development_is_allowed if says(0, 0) with input as group("dev", {"retention_in_days": 30}, {})

test_a_month_of_production_is_denied if says(1, 0) with input as group("prod", {"retention_in_days": 30}, {})

test_a_day_is_denied if says(1, 0) with input as group("dev", {"retention_in_days": 1}, {})

test_a_log_for_ever_is_denied if {
	every after in [{"retention_in_days": 0}, {"retention_in_days": null}, {}] {
		says(1, 0) with input as group("dev", after, {})
	}
}

test_an_unknown_retention_is_undecided if says(0, 1) with input as group("dev", {}, {"retention_in_days": true})
