# METADATA
# title: Nobody speaks a version of TLS that is broken
# description: >
#   Distributions, API domains and searches that are reached from outside take TLS 1.2 or newer.
# custom:
#   severity: high
#   owner: security
#   controls: [AWS FSBP CloudFront.3, AWS FSBP CloudFront.10, AWS FSBP Opensearch.8, AWS FSBP APIGateway.2]
#   remediation: >
#     Choose the newest policy that the service offers.
package gaia.plan.tls_floor

import data.gaia.lib.plan
import data.gaia.lib.setting

settings := {
	"aws_api_gateway_domain_name": [{"path": ["security_policy"], "want": {"one_of": {"TLS_1_2"}}}],
	"aws_apigatewayv2_domain_name": [{"path": ["domain_name_configuration", 0, "security_policy"], "want": {"one_of": {"TLS_1_2"}}}],
	"aws_cloudfront_distribution": [
		{"path": ["viewer_certificate", 0, "minimum_protocol_version"], "want": {"matches": `^TLSv1\.[23]_20(19|2[0-9])$`}},
		{"path": ["default_cache_behavior", 0, "viewer_protocol_policy"], "want": {"one_of": {"https-only", "redirect-to-https"}}},
		{"path": ["ordered_cache_behavior", "*", "viewer_protocol_policy"], "want": {"one_of": {"https-only", "redirect-to-https"}}},
	],
	"aws_opensearch_domain": [{"path": ["domain_endpoint_options", 0, "tls_security_policy"], "want": {"matches": `^Policy-Min-TLS-1-[23]-`}}],
	"aws_transfer_server": [{"path": ["security_policy_name"], "want": {"matches": `^TransferSecurityPolicy-(20(2[2-9]|[3-9][0-9])|FIPS-20(2[3-9]))`}}],
}

deny contains {"address": resource.address, "message": message} if {
	some kind, rows in settings
	some resource in plan.of(kind)
	some attribute in setting.wrong(resource, rows)
	message := sprintf("%s lets clients in with an old version of TLS, or in clear", [attribute])
}

undecided contains {"address": resource.address, "message": message} if {
	some kind, rows in settings
	some resource in plan.of(kind)
	some attribute in setting.unknown(resource, rows)
	message := sprintf("%s is known only after apply", [attribute])
}
