package gaia.plan.no_public_bucket_test

import data.gaia.plan.no_public_bucket

bucket := {
	"address": "module.b.aws_s3_bucket.this", "module_address": "module.b",
	"mode": "managed", "type": "aws_s3_bucket", "name": "this",
	"change": {"actions": ["create"], "after": {"bucket": "orders"}, "after_unknown": {"id": true}},
}

on := {"block_public_acls": true, "block_public_policy": true, "ignore_public_acls": true, "restrict_public_buckets": true}

block(after, after_unknown) := {
	"address": "module.b.aws_s3_bucket_public_access_block.this", "module_address": "module.b",
	"mode": "managed", "type": "aws_s3_bucket_public_access_block", "name": "this",
	"change": {"actions": ["create"], "after": after, "after_unknown": after_unknown},
}

tied := {"root_module": {"module_calls": {"b": {"module": {"resources": [{
	"address": "aws_s3_bucket_public_access_block.this",
	"expressions": {"bucket": {"references": ["aws_s3_bucket.this.id", "aws_s3_bucket.this"]}},
}]}}}}}

nothing if {
	count(no_public_bucket.deny) == 0
	count(no_public_bucket.undecided) == 0
}

test_block_tied_by_configuration_is_allowed if {
	nothing with input as {"resource_changes": [bucket, block(on, {"bucket": true, "id": true})], "configuration": tied}
}

test_block_tied_by_name_is_allowed if {
	nothing with input as {"resource_changes": [bucket, block(object.union(on, {"bucket": "orders"}), {})]}
}

test_unchanged_block_counts if {
	kept := object.union(block(object.union(on, {"bucket": "orders"}), {}), {"change": {"actions": ["no-op"]}})
	nothing with input as {"resource_changes": [bucket, kept]}
}

test_destroying_a_bucket_is_allowed if {
	gone := object.union(bucket, {"change": {"actions": ["delete"], "after": null}})
	nothing with input as {"resource_changes": [gone]}
}

test_bucket_without_block_is_denied if {
	found := no_public_bucket.deny with input as {"resource_changes": [bucket]}
	found == {{"address": bucket.address, "message": "the bucket has no public access block"}}
}

test_block_of_another_bucket_does_not_count if {
	count(no_public_bucket.deny) == 1 with input as {"resource_changes": [bucket, block(object.union(on, {"bucket": "other"}), {})]}
}

test_block_of_another_module_does_not_count if {
	elsewhere := object.union(bucket, {"address": "module.c.aws_s3_bucket.this", "module_address": "module.c"})
	changes := [bucket, elsewhere, block(on, {"bucket": true})]
	found := no_public_bucket.deny with input as {"resource_changes": changes, "configuration": tied}
	found == {{"address": elsewhere.address, "message": "the bucket has no public access block"}}
}

test_switch_off_is_denied if {
	count(no_public_bucket.deny) == 1 with input as {"resource_changes": [block(object.union(on, {"block_public_acls": false}), {})]}
}

test_switch_left_out_is_denied if {
	count(no_public_bucket.deny) == 1 with input as {"resource_changes": [block(object.remove(on, ["block_public_acls"]), {})]}
}

test_unknown_switch_is_undecided if {
	changes := {"resource_changes": [block(object.remove(on, ["block_public_acls"]), {"block_public_acls": true})]}
	count(no_public_bucket.deny) == 0 with input as changes
	count(no_public_bucket.undecided) == 1 with input as changes
}

test_block_of_an_unknown_bucket_is_undecided if {
	changes := {"resource_changes": [bucket, block(on, {"bucket": true})]}
	count(no_public_bucket.deny) == 0 with input as changes
	count(no_public_bucket.undecided) == 1 with input as changes
}

test_losing_the_block_is_denied if {
	kept := object.union(bucket, {"change": {"actions": ["no-op"]}})
	gone := object.union(block({}, {}), {"change": {"actions": ["delete"], "before": {"bucket": "orders"}, "after": null}})
	count(no_public_bucket.deny) == 1 with input as {"resource_changes": [kept, gone]}
}

test_destroying_bucket_and_block_is_allowed if {
	gone_bucket := object.union(bucket, {"change": {"actions": ["delete"], "after": null}})
	gone := object.union(block({}, {}), {"change": {"actions": ["delete"], "before": {"bucket": "orders"}, "after": null}})
	nothing with input as {"resource_changes": [gone_bucket, gone]}
}

account(after, after_unknown) := {"resource_changes": [{
	"address": "this", "mode": "managed", "type": "aws_s3_account_public_access_block", "name": "this",
	"change": {"actions": ["create"], "before": null, "after": after, "after_unknown": after_unknown},
}]}

test_the_account_with_all_switches_is_allowed if nothing with input as account(on, {})

test_a_switch_of_the_account_is_denied if {
	count(no_public_bucket.deny) == 1 with input as account(object.union(on, {"restrict_public_buckets": false}), {})
}

test_losing_the_block_of_the_account_is_denied if {
	gone := {"resource_changes": [{
		"address": "this", "mode": "managed", "type": "aws_s3_account_public_access_block", "name": "this",
		"change": {"actions": ["delete"], "before": on, "after": null},
	}]}
	count(no_public_bucket.deny) == 1 with input as gone
	nothing with input as object.union(gone, {"gaia": {"kind": "retire"}})
}
