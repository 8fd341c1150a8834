# METADATA
# title: What the internet reaches stands behind a firewall
# description: >
#   A public load balancer for the web, and a distribution, has a web ACL of WAF in front of it.
# custom:
#   severity: high
#   owner: security
#   controls: [AWS FSBP ELB.16, AWS FSBP CloudFront.6]
#   remediation: >
#     Associate a web ACL with the load balancer, as the component alb does; set web_acl_id on the distribution.
package gaia.plan.web_has_firewall

import data.gaia.lib.plan
import data.gaia.lib.tie
import data.gaia.lib.value

balancers := {"aws_alb", "aws_lb"}

deny contains {"address": resource.address, "message": "it is public, and no web ACL stands before it"} if {
	some resource in bare
	count(associations.open) == 0
}

undecided contains {"address": resource.address, "message": "which load balancer a web ACL of the plan is for is known only after apply"} if {
	some resource in bare
	count(associations.open) > 0
}

undecided contains {"address": resource.address, "message": "whether it is public is known only after apply"} if {
	some kind in balancers
	some resource in plan.of(kind)
	web(resource)
	value.read(resource.change, ["internal"]).state == "unknown"
	plan.said(resource, "internal")
	not protected(resource)
}

deny contains {"address": resource.address, "message": "no web ACL stands before the distribution"} if {
	some resource in plan.of("aws_cloudfront_distribution")
	read := value.read(resource.change, ["web_acl_id"])
	read.state != "unknown"
	object.get(read, "value", "") == ""
}

associations := tie.to("aws_wafv2_web_acl_association", "resource_arn", "aws_lb")

old_associations := tie.to("aws_wafv2_web_acl_association", "resource_arn", "aws_alb")

bare := [resource |
	some kind in balancers
	some resource in plan.of(kind)
	web(resource)
	public(resource)
	not protected(resource)
]

# A network load balancer reads no requests, so there is nothing to filter.
web(resource) if object.get(resource.change.after, "load_balancer_type", "application") in {"application", null, ""}

public(resource) if {
	read := value.read(resource.change, ["internal"])
	read.state in {"absent", "null"}
}

public(resource) if object.get(resource.change.after, "internal", null) == false

# An internal that nobody says is chosen by AWS: public.
public(resource) if {
	value.read(resource.change, ["internal"]).state == "unknown"
	not plan.said(resource, "internal")
}

protected(resource) if tie.holds(associations, resource, ["arn", "id"])

protected(resource) if tie.holds(old_associations, resource, ["arn", "id"])
