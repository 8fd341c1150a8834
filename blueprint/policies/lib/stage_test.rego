package gaia.lib.stage_test

import data.gaia.lib.stage

table := {"dev": 1, "prod": 3, "other": 2}

of(name) := {"gaia": {"stage": name}}

test_a_stage_of_the_table if stage.any_of(table) == {1} with input as of("dev")

test_production_has_two_names if {
	stage.any_of(table) == {3} with input as of("prod")
	stage.any_of(table) == {3} with input as of("production")
	stage.any_of({"production": 4, "other": 2}) == {4} with input as of("production")
}

test_another_stage if stage.any_of(table) == {2} with input as of("qa")

test_an_unsaid_stage_may_be_each if stage.any_of(table) == {1, 2, 3} with input as {}

test_production_may_be_unsaid if {
	stage.perhaps_production with input as {}
	stage.perhaps_production with input as of("")
	stage.perhaps_production with input as of("prod")
	not stage.perhaps_production with input as of("dev")
}

test_production_may_be_as_others if stage.any_of({"dev": 1, "other": 2}) == {2} with input as of("prod")

test_one_value if {
	stage.of(table) == 3 with input as of("production")
	stage.of(table) == 2 with input as of("qa")
	not stage.of(table) with input as {}
}
