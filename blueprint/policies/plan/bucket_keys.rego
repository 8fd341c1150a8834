# METADATA
# title: Buckets encrypt with a key of the platform
# description: >
#   Only a KMS key says who may read. Buckets that load balancers or S3 itself deliver logs to are excused: AWS delivers there
#   with the keys of S3 only.
# custom:
#   severity: high
#   owner: security
#   controls: [AWS FSBP S3.17, CIS AWS 3.0.0 2.1.1]
#   remediation: >
#     Add an aws_s3_bucket_server_side_encryption_configuration with sse_algorithm = "aws:kms" and the ARN of a key.
package gaia.plan.bucket_keys

import data.gaia.lib.plan
import data.gaia.lib.setting
import data.gaia.lib.tie
import data.gaia.lib.value

rows := [{"path": ["rule", "*", "apply_server_side_encryption_by_default", 0, "sse_algorithm"], "want": {"one_of": {"aws:kms", "aws:kms:dsse"}}}]

configurations := "aws_s3_bucket_server_side_encryption_configuration"

deny contains {"address": resource.address, "message": "the keys of S3 let everybody read who may read the bucket"} if {
	some resource in doubtful
	count(setting.wrong(resource, rows)) > 0
	not for_logs(resource)
}

undecided contains {"address": resource.address, "message": "which key encrypts is known only after apply"} if {
	some resource in doubtful
	count(setting.unknown(resource, rows)) > 0
	not for_logs(resource)
}

# An algorithm that is a text in `after` is known; only the others need to be read with care.
doubtful := [resource |
	some resource in plan.of(configurations)
	not fine(value.members(resource.change, ["rule"]))
]

fine(rules) if {
	count(rules) > 0
	every rule in rules { rule.apply_server_side_encryption_by_default[0].sse_algorithm in rows[0].want.one_of }
}

deny contains {"address": bucket.address, "message": "the bucket says no key, so those of S3 encrypt it"} if {
	some bucket in bare
	count(encrypted.open) == 0
}

undecided contains {"address": bucket.address, "message": "which bucket the plan's encryption belongs to is known only after apply"} if {
	some bucket in bare
	count(encrypted.open) > 0
}

encrypted := tie.to(configurations, "bucket", "aws_s3_bucket")

bare := [bucket |
	some bucket in plan.of("aws_s3_bucket")
	not tie.holds(encrypted, bucket, ["bucket"])
	not inline(bucket)
	not receives_logs(bucket)
]

inline(bucket) if {
	count(value.members(bucket.change, ["server_side_encryption_configuration"])) > 0
	count(setting.wrong(bucket, inline_rows)) == 0
}

inline_rows := [{
	"path": array.concat(["server_side_encryption_configuration", 0, "rule", 0], array.slice(rows[0].path, 2, 5)),
	"want": rows[0].want,
}]

# The bucket that a configuration is for receives logs.
for_logs(resource) if {
	some ties in receivers
	tie.share(ties, resource, "bucket", "aws_s3_bucket")
}

receives_logs(bucket) if {
	some ties in receivers
	tie.holds(ties, bucket, ["bucket"])
}

receivers := [
	tie.to("aws_alb", "access_logs", "aws_s3_bucket"),
	tie.to("aws_lb", "access_logs", "aws_s3_bucket"),
	tie.to("aws_elb", "access_logs", "aws_s3_bucket"),
	tie.to("aws_s3_bucket_logging", "target_bucket", "aws_s3_bucket"),
	allowing_delivery,
]

# Its own policy lets a service deliver logs.
allowing_delivery := {
	"names": {name | some policy in delivering; name := object.get(policy.change.after, "bucket", null); is_string(name)},
	"places": {place | some policy in delivering; some place in tie.places(policy, "bucket", "aws_s3_bucket")},
}

delivering := [policy |
	some policy in plan.present("aws_s3_bucket_policy")
	text := object.get(policy.change.after, "policy", null)
	is_string(text)
	regex.match(`"(logdelivery\.elasticloadbalancing|logging\.s3|delivery\.logs)\.amazonaws\.com"`, text)
]
