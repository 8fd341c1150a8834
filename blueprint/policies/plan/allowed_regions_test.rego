package gaia.plan.allowed_regions_test

import data.gaia.lib.sample_test as sample
import data.gaia.plan.allowed_regions

says(deny, undecided) if {
	count(allowed_regions.deny) == deny
	count(allowed_regions.undecided) == undecided
}

provider(region) := {"gaia": {"stage": "prod"}, "configuration": {"provider_config": {"aws": {"name": "aws", "expressions": {"region": region}}}}}

test_an_agreed_region_is_allowed if {
	says(0, 0) with input as provider({"constant_value": "eu-west-1"})
	says(0, 0) with input as sample.planned("aws_subnet", {"availability_zone": "us-east-1a"}, {})
}

test_another_region_is_denied if says(1, 0) with input as provider({"constant_value": "ap-south-1"})

test_a_variable_is_read_denied if {
	document := object.union(provider({"references": ["var.region"]}), {"variables": {"region": {"value": "sa-east-1"}}})
	says(1, 0) with input as document
}

test_another_zone_is_denied if says(1, 0) with input as sample.planned("aws_subnet", {"availability_zone": "eu-central-1b"}, {})

test_an_unknown_region_is_undecided if {
	says(0, 1) with input as provider({"references": ["var.region"]})
	says(0, 1) with input as sample.planned("aws_subnet", {}, {"availability_zone": true})
}

by_stage := {"prod": {"eu-west-1"}, "other": {"us-east-1", "eu-west-1"}}

test_a_stage_of_its_own_region_is_denied_elsewhere if {
	says(1, 0) with input as sample.of("production", sample.planned("aws_subnet", {"availability_zone": "us-east-1a"}, {})) with allowed_regions.allowed as by_stage
	says(0, 0) with input as sample.of("dev", sample.planned("aws_subnet", {"availability_zone": "us-east-1a"}, {})) with allowed_regions.allowed as by_stage
}

test_an_unsaid_stage_is_undecided if {
	says(0, 1) with input as sample.planned("aws_subnet", {"availability_zone": "us-east-1a"}, {}) with allowed_regions.allowed as by_stage
	provider := {"configuration": {"provider_config": {"aws": {"name": "aws", "expressions": {"region": {"constant_value": "us-east-1"}}}}}}
	says(0, 1) with input as provider with allowed_regions.allowed as by_stage
}
