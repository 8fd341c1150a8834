# METADATA
# title: Buckets are not public
# description: >
#   Every bucket, and the account, has a public access block with all four switches on. block_public_policy makes AWS refuse
#   a public bucket policy, so policies, which are often unknown before apply, need not be read here.
# custom:
#   severity: critical
#   owner: security
#   controls: [AWS FSBP S3.1, AWS FSBP S3.2, AWS FSBP S3.3, AWS FSBP S3.8, CIS AWS 3.0.0 2.1.4]
#   remediation: >
#     Add an aws_s3_bucket_public_access_block for the bucket with all four switches true, and keep ACLs private.
package gaia.plan.no_public_bucket

import data.gaia.lib.plan
import data.gaia.lib.tie
import data.gaia.lib.value

switches := {"block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"}

holders := {"aws_s3_account_public_access_block", "aws_s3_bucket_public_access_block"}

deny contains {"address": resource.address, "message": message} if {
	some resource in doubtful
	some switch in switches
	off(value.read(resource.change, [switch]))
	message := sprintf("%s is not true", [switch])
}

undecided contains {"address": resource.address, "message": message} if {
	some resource in doubtful
	some switch in switches
	value.read(resource.change, [switch]).state == "unknown"
	message := sprintf("%s is known only after apply", [switch])
}

# A switch that is true in `after` is known; only the others need to be read with care.
doubtful := [resource |
	some kind in holders
	some resource in plan.of(kind)
	count([switch | some switch in switches; object.get(resource.change.after, switch, false) == true]) < count(switches)
]

deny contains {"address": bucket.address, "message": "the bucket has no public access block"} if {
	some bucket in unblocked
	count(blocks.open) == 0
}

undecided contains {"address": bucket.address, "message": message} if {
	some bucket in unblocked
	count(blocks.open) > 0
	message := "which bucket the plan's public access block belongs to is known only after apply"
}

# The bucket itself does not change when only its block goes.
deny contains {"address": resource.address, "message": "the bucket stays and loses its public access block"} if {
	some resource in data.gaia.lib.plan.lost
	resource.type == "aws_s3_bucket_public_access_block"
	not is_object(resource.change.after)
	name := object.get(resource.change.before, "bucket", null)
	name in {bucket.change.after.bucket | some bucket in plan.present("aws_s3_bucket")}
	not name in blocks.names
}

deny contains {"address": resource.address, "message": "the account loses its public access block"} if {
	some resource in data.gaia.lib.plan.lost
	resource.type == "aws_s3_account_public_access_block"
	not is_object(resource.change.after)
	object.get(input, ["gaia", "kind"], "") != "retire"
}

blocks := tie.to("aws_s3_bucket_public_access_block", "bucket", "aws_s3_bucket")

unblocked := [bucket |
	some bucket in plan.of("aws_s3_bucket")
	not tie.holds(blocks, bucket, ["bucket"])
]

off(read) if read.state in {"absent", "null"}

off(read) if {
	read.state == "known"
	read.value != true
}
