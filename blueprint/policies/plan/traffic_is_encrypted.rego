# METADATA
# title: Traffic is encrypted
# description: >
#   Listeners speak TLS 1.2 or newer, or send to where that is spoken; so do their targets; subscriptions do not go out in
#   clear.
# custom:
#   severity: high
#   owner: platform
#   controls: [AWS FSBP ELB.1, AWS FSBP ELB.17, AWS FSBP ELB.18]
#   remediation: >
#     Use an HTTPS listener with a current policy, and redirect port 80 to it.
package gaia.plan.traffic_is_encrypted

import data.gaia.lib.plan
import data.gaia.lib.value

# Policies of AWS that speak TLS 1.2 with forward secrecy, or 1.3, and nothing older.
current := `^ELBSecurityPolicy-(TLS13-1-(2|3)|TLS-1-2|FS-1-2)[A-Za-z0-9-]*$`

deny contains {"address": resource.address, "message": message} if {
	some [resource, protocol] in listeners
	protocol.state == "known"
	protocol.value in {"HTTP", "TCP"}
	not redirects(resource)
	message := sprintf("the listener speaks %s", [protocol.value])
}

deny contains {"address": resource.address, "message": message} if {
	some [resource, protocol] in listeners
	protocol.value in {"HTTPS", "TLS"}
	policy := value.read(resource.change, ["ssl_policy"])
	policy.state == "known"
	not regex.match(current, policy.value)
	message := sprintf("the policy %s speaks versions of TLS that are broken", [policy.value])
}

deny contains {"address": resource.address, "message": "the listener says no policy, and AWS's default speaks TLS 1.0"} if {
	some [resource, protocol] in listeners
	protocol.value in {"HTTPS", "TLS"}
	value.read(resource.change, ["ssl_policy"]).state in {"absent", "null"}
}

deny contains {"address": resource.address, "message": "requests go to the targets in clear"} if {
	some [resource, protocol] in targets
	protocol.value == "HTTP"
}

deny contains {"address": resource.address, "message": "messages go out in clear"} if {
	some resource in plan.of("aws_sns_topic_subscription")
	value.read(resource.change, ["protocol"]).value == "http"
}

undecided contains {"address": resource.address, "message": "whether messages go out in clear is known only after apply"} if {
	some resource in plan.of("aws_sns_topic_subscription")
	value.read(resource.change, ["protocol"]).state == "unknown"
}

undecided contains {"address": resource.address, "message": "what the targets speak is known only after apply"} if {
	some [resource, protocol] in targets
	protocol.state == "unknown"
}

undecided contains {"address": resource.address, "message": "what the listener speaks is known only after apply"} if {
	some [resource, protocol] in listeners
	protocol.state == "unknown"
}

# What speaks no TLS has no policy, and AWS says so only after apply.
undecided contains {"address": resource.address, "message": "which versions of TLS the listener speaks is known only after apply"} if {
	some [resource, protocol] in listeners
	protocol.value in {"HTTPS", "TLS"}
	value.read(resource.change, ["ssl_policy"]).state == "unknown"
}

listeners := [[resource, value.read(resource.change, ["protocol"])] |
	some kind in {"aws_lb_listener", "aws_alb_listener"}
	some resource in plan.of(kind)
]

redirects(resource) if {
	some action in value.members(resource.change, ["default_action"])
	action.type == "redirect"
	action.redirect[0].protocol == "HTTPS"
}

targets := [[resource, value.read(resource.change, ["protocol"])] |
	some kind in {"aws_alb_target_group", "aws_lb_target_group"}
	some resource in plan.of(kind)
]
