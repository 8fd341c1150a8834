# METADATA
# title: Functions are called by those who were named
# description: >
#   A function's URL asks for a signature, and who may call a function is an account, or a service on behalf of one resource
#   or account: a service without that calls for everybody.
# custom:
#   severity: critical
#   owner: security
#   controls: [AWS FSBP Lambda.1]
#   remediation: >
#     Set authorization_type to AWS_IAM, and source_arn or source_account on the permission.
package gaia.plan.lambda_callers

import data.gaia.lib.plan
import data.gaia.lib.policy
import data.gaia.lib.value

deny contains {"address": resource.address, "message": "everybody may call the URL"} if {
	some resource in plan.of("aws_lambda_function_url")
	read := value.read(resource.change, ["authorization_type"])
	read.state != "unknown"
	object.get(read, "value", "") != "AWS_IAM"
}

undecided contains {"address": resource.address, "message": "who may call the URL is known only after apply"} if {
	some resource in plan.of("aws_lambda_function_url")
	value.read(resource.change, ["authorization_type"]).state == "unknown"
}

deny contains {"address": resource.address, "message": message} if {
	some resource in plan.of("aws_lambda_permission")
	value.read(resource.change, ["principal"]).state != "unknown"
	principal := object.get(resource.change.after, "principal", "*")
	open(principal)
	every name in ["source_arn", "source_account", "principal_org_id"] { unnamed(resource, name) }
	message := sprintf("%v may call it for everybody", [principal])
}

undecided contains {"address": resource.address, "message": "who may call it is known only after apply"} if {
	some resource in plan.of("aws_lambda_permission")
	value.read(resource.change, ["principal"]).state == "unknown"
	every name in ["source_arn", "source_account", "principal_org_id"] { unnamed(resource, name) }
}

open(principal) if principal in {"*", null}

open(principal) if {
	is_string(principal)
	regex.match(`[.]amazonaws[.]com(\.cn)?$`, principal)
}

# What anybody's resource or account meets names nobody.
unnamed(resource, name) if {
	read := value.read(resource.change, [name])
	read.state != "unknown"
	not policy.names(object.get(read, "value", ""))
}
