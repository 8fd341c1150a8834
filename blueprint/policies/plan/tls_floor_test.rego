package gaia.plan.tls_floor_test

import data.gaia.lib.sample_test as sample
import data.gaia.plan.tls_floor

says(deny, undecided) if {
	count(tls_floor.deny) == deny
	count(tls_floor.undecided) == undecided
}

distribution(version, policy) := sample.planned("aws_cloudfront_distribution", {
	"viewer_certificate": [{"minimum_protocol_version": version}],
	"default_cache_behavior": [{"viewer_protocol_policy": policy}],
}, {})

test_tls_1_2_is_allowed if {
	says(0, 0) with input as distribution("TLSv1.2_2021", "redirect-to-https")
	says(0, 0) with input as sample.planned("aws_api_gateway_domain_name", {"security_policy": "TLS_1_2"}, {})
}

test_an_old_version_is_denied if {
	says(1, 0) with input as distribution("TLSv1", "https-only")
	says(1, 0) with input as sample.planned("aws_api_gateway_domain_name", {"security_policy": "TLS_1_0"}, {})
	says(1, 0) with input as sample.planned("aws_opensearch_domain", {"domain_endpoint_options": [{"tls_security_policy": "Policy-Min-TLS-1-0-2019-07"}]}, {})
}

test_clear_is_denied if says(1, 0) with input as distribution("TLSv1.2_2021", "allow-all")

test_an_unknown_policy_is_undecided if says(0, 1) with input as sample.planned("aws_api_gateway_domain_name", {}, {"security_policy": true})
