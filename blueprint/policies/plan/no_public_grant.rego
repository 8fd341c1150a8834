# METADATA
# title: Buckets are opened to nobody piece by piece
# description: >
#   No ACL and no grant of one gives a bucket to everybody or to every user of AWS, and no bucket is a web site: what people
#   load stands behind a distribution.
# custom:
#   severity: critical
#   owner: security
#   controls: [AWS FSBP S3.2, AWS FSBP S3.3, AWS FSBP S3.12]
#   remediation: >
#     Keep ACLs private and switch them off (BucketOwnerEnforced); serve a site through CloudFront with an origin access control.
package gaia.plan.no_public_grant

import data.gaia.lib.plan
import data.gaia.lib.value

private_acls := {"private", "bucket-owner-read", "bucket-owner-full-control", "log-delivery-write", "aws-exec-read"}

everybody := `/groups/global/(AllUsers|AuthenticatedUsers)$`

deny contains {"address": resource.address, "message": message} if {
	some [resource, acl] in acls
	acl.state == "known"
	not acl.value in private_acls
	message := sprintf("the ACL %v opens the bucket to others", [acl.value])
}

undecided contains {"address": resource.address, "message": "the ACL is known only after apply"} if {
	some [resource, acl] in acls
	acl.state == "unknown"
	plan.said(resource, "acl")
	not owner_only(resource)
}

deny contains {"address": resource.address, "message": "a grant opens the bucket to everybody"} if {
	some [resource, uri] in grantees
	is_string(uri.value)
	regex.match(everybody, uri.value)
}

undecided contains {"address": resource.address, "message": "whom a grant is for is known only after apply"} if {
	some [resource, uri] in grantees
	uri.state == "unknown"
}

undecided contains {"address": resource.address, "message": "whom grants are for is known only after apply"} if {
	some resource in plan.of("aws_s3_bucket")
	plan.open(resource, "grant")
}

undecided contains {"address": resource.address, "message": "whom grants are for is known only after apply"} if {
	some resource in plan.of("aws_s3_bucket_acl")
	value.hidden(resource.change, ["access_control_policy", 0, "grant"])
	not canned(resource)
}

undecided contains {"address": resource.address, "message": "whether the bucket is a web site is known only after apply"} if {
	some resource in plan.of("aws_s3_bucket")
	plan.open(resource, "website")
}

deny contains {"address": resource.address, "message": "the bucket is a web site without a distribution before it"} if {
	some resource in plan.of("aws_s3_bucket_website_configuration")
}

deny contains {"address": resource.address, "message": "the bucket is a web site without a distribution before it"} if {
	some resource in plan.of("aws_s3_bucket")
	count(value.members(resource.change, ["website"])) > 0
}

acls := [[resource, value.read(resource.change, ["acl"])] |
	some kind in {"aws_s3_bucket", "aws_s3_bucket_acl", "aws_s3_object"}
	some resource in plan.of(kind)
	object.get(resource.change.after, "acl", "") != null
	object.get(resource.change, ["after_unknown", "acl"], object.get(resource.change.after, "acl", false)) != false
]

# With a canned ACL there are no grants of the code.
canned(resource) if {
	is_string(object.get(resource.change.after, "acl", null))
	not plan.open(resource, "access_control_policy")
}

# An explicit list of grants is set instead of a canned ACL; the provider then computes `acl`.
owner_only(resource) if value.read(resource.change, ["access_control_policy"]).state == "known"

grantees := array.concat(
	[[resource, value.read(resource.change, ["grant", number, "uri"])] |
		some resource in plan.of("aws_s3_bucket")
		some number, _ in value.members(resource.change, ["grant"])
	],
	[[resource, value.read(resource.change, ["access_control_policy", 0, "grant", number, "grantee", 0, "uri"])] |
		some resource in plan.of("aws_s3_bucket_acl")
		some number, _ in value.members(resource.change, ["access_control_policy", 0, "grant"])
	],
)
