# METADATA
# title: Names say whose they are
# description: >
#   What has one name in an account or in the world begins with its tenant and is written small, so that a bill, an alarm and an
#   ARN in a policy can be read, and rights can be held to a prefix.
# custom:
#   severity: low
#   owner: platform
#   controls: []
#   remediation: >
#     Name it TENANT-ENVIRONMENT-STAGE-NAME, as the components do.
package gaia.plan.naming

import data.gaia.lib.plan
import data.gaia.lib.value

names := {
	"aws_db_instance": "identifier",
	"aws_dynamodb_table": "name",
	"aws_eks_cluster": "name",
	"aws_kinesis_stream": "name",
	"aws_lambda_function": "function_name",
	"aws_rds_cluster": "cluster_identifier",
	"aws_s3_bucket": "bucket",
	"aws_secretsmanager_secret": "name",
	"aws_sns_topic": "name",
	"aws_sqs_queue": "name",
}

deny contains {"address": resource.address, "message": message} if {
	some [resource, read] in named
	is_string(read.value)
	read.value != ""
	not regex.match(pattern, read.value)
	message := sprintf("%s is not written as a name of ours", [read.value])
}

deny contains {"address": resource.address, "message": message} if {
	some [resource, read] in named
	is_string(read.value)
	regex.match(pattern, read.value)
	is_string(tenant)
	tenant != ""
	not startswith(read.value, sprintf("%s-", [tenant]))
	message := sprintf("%s does not begin with the tenant %s", [read.value, tenant])
}

undecided contains {"address": resource.address, "message": "its name is known only after apply"} if {
	some [resource, read] in named
	read.state == "unknown"
	plan.said(resource, names[resource.type])
}

pattern := `^[a-z0-9][a-z0-9/._-]*$`

tenant := object.get(input, ["gaia", "tenant"], null)

named := [[resource, value.read(resource.change, [attribute])] |
	some kind, attribute in names
	some resource in plan.of(kind)
]
