package gaia.lib.plan_test

import data.gaia.lib.plan

block := {
	"address": "module.a[\"x.y\"].module.b[0].aws_thing.this",
	"module_address": "module.a[\"x.y\"].module.b[0]",
	"mode": "managed", "type": "aws_thing", "name": "this",
	"change": {"actions": ["delete", "create"], "after": {}},
}

data_source := object.union(block, {"mode": "data"})

gone := object.union(block, {"address": "aws_thing.gone", "change": {"actions": ["delete"], "after": null}})

kept := object.union(block, {"address": "aws_thing.kept", "change": {"actions": ["no-op"], "after": {}}})

configuration := {"root_module": {"module_calls": {"a": {"module": {"module_calls": {"b": {"module": {"resources": [{
	"address": "aws_thing.this",
	"expressions": {"bucket": {"references": ["aws_s3_bucket.this.id", "aws_s3_bucket.this"]}},
}]}}}}}}}}

planned := {"configuration": configuration, "resource_changes": [block]}

test_written_holds_replaced_resources_only if {
	found := plan.written with input as {"resource_changes": [block, data_source, gone, kept]}
	found == [block]
}

test_present_holds_unchanged_ones_too if {
	found := plan.present("aws_thing") with input as {"resource_changes": [block, data_source, gone, kept]}
	[one | some one in found] == [block, kept]
}

test_modules_have_no_indices if {
	bare := plan.bare_modules with input as planned
	bare[block.module_address] == "module.a.module.b"
}

test_root_is_no_module if plan.bare_modules[""] == "" with input as {"resource_changes": [{"address": "aws_thing.this"}]}

test_references_are_found_in_nested_modules if {
	some one in [block]
	plan.references(one, "bucket") == {"aws_s3_bucket.this.id", "aws_s3_bucket.this"} with input as planned
}

test_no_configuration_no_references if plan.references(block, "bucket") == set() with input as {}

test_lost_holds_replaced_ones_too if {
	found := plan.lost with input as {"resource_changes": [block, data_source, gone, kept]}
	found == [block, gone]
}

test_written_is_sorted_by_type if {
	found := plan.of("aws_thing") with input as {"resource_changes": [block, gone, kept]}
	[one | some one in found] == [block]
	count(plan.of("aws_other")) == 0 with input as {"resource_changes": [block]}
}

test_references_are_found_in_blocks if {
	lb := {"type": "aws_lb", "name": "this"}
	plan.references(lb, "access_logs") == {"aws_s3_bucket.logs"} with input as {"resource_changes": [lb], "configuration": {"root_module": {"resources": [{
		"address": "aws_lb.this",
		"expressions": {"access_logs": [{"bucket": {"references": ["aws_s3_bucket.logs"]}, "prefix": {"constant_value": "x"}}]},
	}]}}}
}

test_what_the_code_says if {
	some one in [block]
	plan.said(one, "bucket") with input as planned
	not plan.said(one, "policy") with input as planned
	plan.said(block, "policy") with input as {}
}
