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

test_an_unsaid_stage_is_undecided if {
	group := sample.planned("aws_cloudwatch_log_group", {"retention_in_days": 30}, {})
	says(0, 1) with input as group
	said := log_retention.undecided with input as group
	{one.message | some one in said} == {"its logs end after 30 days, and nobody says whether they are kept for 365 here"}
}

test_what_no_stage_may_is_denied_of_an_unsaid_one if {
	count(log_retention.deny) == 1 with input as sample.planned("aws_cloudwatch_log_group", {"retention_in_days": 3}, {})
	says(1, 0) with input as sample.planned("aws_cloudwatch_log_group", {"retention_in_days": 0}, {})
}

test_what_every_stage_may_is_allowed_of_an_unsaid_one if says(0, 0) with input as sample.planned("aws_cloudwatch_log_group", {"retention_in_days": 365}, {})
