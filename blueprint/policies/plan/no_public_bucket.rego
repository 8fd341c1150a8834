# METADATA
# title: Buckets are not public
# description: >
#   Every bucket has a public access block with all four switches on. block_public_policy makes AWS refuse a public
#   bucket policy, so policies, which are often unknown before apply, need not be read here.
# custom:
#   severity: critical
#   controls: [AWS FSBP S3.2, AWS FSBP S3.3, AWS FSBP S3.8, CIS AWS 3.0.0 2.1.4]
#   remediation: >
#     Add an aws_s3_bucket_public_access_block for the bucket with all four switches true, and keep ACLs private.
package gaia.plan.no_public_bucket

import data.gaia.lib.plan
import data.gaia.lib.value

switches := {"block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"}

private_acls := {"private", "bucket-owner-read", "bucket-owner-full-control", "log-delivery-write", "aws-exec-read"}

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
	some resource in plan.of("aws_s3_bucket_public_access_block")
	count([switch | some switch in switches; resource.change.after[switch] == true]) < count(switches)
]

deny contains {"address": bucket.address, "message": "the bucket has no public access block"} if {
	some bucket in unblocked
	not perhaps_blocked
}

undecided contains {"address": bucket.address, "message": message} if {
	some bucket in unblocked
	perhaps_blocked
	message := "which bucket the plan's public access block belongs to is known only after apply"
}

# The bucket itself does not change when only its block goes.
deny contains {"address": resource.address, "message": "the bucket stays and loses its public access block"} if {
	some resource in input.resource_changes
	resource.type == "aws_s3_bucket_public_access_block"
	not is_object(resource.change.after)
	resource.change.before.bucket in present_buckets
	not resource.change.before.bucket in blocked_names
}

present_buckets := {bucket.change.after.bucket | some bucket in plan.present; bucket.type == "aws_s3_bucket"}

deny contains {"address": resource.address, "message": message} if {
	some resource in plan.of("aws_s3_bucket_acl")
	acl := value.read(resource.change, ["acl"])
	acl.state == "known"
	not acl.value in private_acls
	message := sprintf("the ACL %s opens the bucket to others", [acl.value])
}

undecided contains {"address": resource.address, "message": "the ACL is known only after apply"} if {
	some resource in plan.of("aws_s3_bucket_acl")
	not owner_only(resource)
	value.read(resource.change, ["acl"]).state == "unknown"
}

# An explicit list of grants is set instead of a canned ACL; the provider then computes `acl`.
owner_only(resource) if value.read(resource.change, ["access_control_policy"]).state == "known"

blocks := [resource | some resource in plan.present; resource.type == "aws_s3_bucket_public_access_block"]

unblocked := [bucket |
	some bucket in plan.of("aws_s3_bucket")
	not blocked(bucket)
]

blocked(bucket) if {
	name := value.read(bucket.change, ["bucket"])
	name.state == "known"
	name.value in blocked_names
}

blocked(bucket) if place(bucket, bucket.name) in blocked_places

blocked_names := {name.value |
	some block in blocks
	name := value.read(block.change, ["bucket"])
	name.state == "known"
}

# A new bucket's id is unknown, so what ties a block to it is the configuration: in the same module, with the same index.
blocked_places := {place(block, name) |
	some block in blocks
	some name in tied(block)
}

place(resource, name) := [object.get(resource, "module_address", ""), object.get(resource, "index", null), name]

tied(block) := {split(name, ".")[1] |
	some name in plan.references(block, "bucket")
	startswith(name, "aws_s3_bucket.")
}

# A block whose bucket is unknown and that the configuration does not tie to a bucket of its own module.
perhaps_blocked if {
	some block in blocks
	value.read(block.change, ["bucket"]).state == "unknown"
	count(tied(block)) == 0
}

off(read) if read.state in {"absent", "null"}

off(read) if {
	read.state == "known"
	read.value != true
}
