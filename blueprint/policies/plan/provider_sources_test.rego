package gaia.plan.provider_sources_test

import data.gaia.plan.provider_sources

says(deny, undecided) if {
	count(provider_sources.deny) == deny
	count(provider_sources.undecided) == undecided
}

using(name) := {"configuration": {"provider_config": {"x": {"full_name": name}}}}

test_an_author_of_the_list_is_allowed if {
	says(0, 0) with input as using("registry.terraform.io/hashicorp/aws")
	says(0, 0) with input as using("registry.opentofu.org/hashicorp/aws")
}

test_another_author_is_denied if {
	says(1, 0) with input as using("registry.terraform.io/somebody/aws")
	says(1, 0) with input as using("example.com/hashicorp/aws")
	says(1, 0) with input as {"resource_changes": [{"provider_name": "registry.terraform.io/somebody/aws"}]}
}

test_no_names_are_undecided if says(0, 1) with input as {"configuration": {"provider_config": {"x": {}}}, "resource_changes": [{"type": "aws_vpc"}]}
