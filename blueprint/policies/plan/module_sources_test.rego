package gaia.plan.module_sources_test

import data.gaia.plan.module_sources

says(deny, undecided) if {
	count(module_sources.deny) == deny
	count(module_sources.undecided) == undecided
}

calling(source) := {"configuration": {"root_module": {"module_calls": {"a": {"source": "./a", "module": {"module_calls": {"b": source}}}}}}}

test_a_folder_is_allowed if says(0, 0) with input as calling({"source": "../b"})

test_a_version_of_an_author_of_the_list_is_allowed if {
	says(0, 0) with input as calling({"source": "terraform-aws-modules/vpc/aws", "version_constraint": "5.1.2"})
}

test_another_author_is_denied if {
	every source in ["acme/vpc/aws", "git::https://example.com/x.git?ref=main", "https://example.com/x.zip", ""] {
		says(1, 0) with input as calling({"source": source, "version_constraint": "1.0.0"})
	}
}

test_any_version_is_denied if {
	says(1, 0) with input as calling({"source": "terraform-aws-modules/vpc/aws"})
	says(1, 0) with input as calling({"source": "terraform-aws-modules/vpc/aws", "version_constraint": ">= 5.0.0"})
}

test_a_plan_without_configuration_is_undecided if says(0, 1) with input as {"resource_changes": [{"module_address": "module.a"}]}

test_modules_deeper_than_anybody_reads_are_denied if {
	nested := json.unmarshal(concat("", [
		concat("", [`{"source": "./x", "module": {"module_calls": {"a": ` | some _ in numbers.range(1, 7)]),
		`{"source": "./x"}`,
		concat("", [`}}}` | some _ in numbers.range(1, 7)]),
	]))
	says(1, 0) with input as {"configuration": {"root_module": {"module_calls": {"a": nested}}}}
}
