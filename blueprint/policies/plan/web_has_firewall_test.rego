package gaia.plan.web_has_firewall_test

import data.gaia.lib.sample_test as sample
import data.gaia.plan.web_has_firewall

says(deny, undecided) if {
	count(web_has_firewall.deny) == deny
	count(web_has_firewall.undecided) == undecided
}

balancer(more) := sample.resource("aws_lb", object.union({"load_balancer_type": "application", "arn": "arn:lb"}, more), {})

plan_of(resources) := {"resource_changes": resources}

association(arn) := sample.resource("aws_wafv2_web_acl_association", arn, {"resource_arn": arn == {}})

test_an_internal_one_is_allowed if says(0, 0) with input as plan_of([balancer({"internal": true})])

test_a_network_one_is_allowed if says(0, 0) with input as plan_of([balancer({"internal": false, "load_balancer_type": "network"})])

test_one_behind_a_firewall_is_allowed if says(0, 0) with input as plan_of([balancer({"internal": false}), association({"resource_arn": "arn:lb"})])

test_a_bare_one_is_denied if {
	says(1, 0) with input as plan_of([balancer({"internal": false})])
	says(1, 0) with input as plan_of([balancer({})])
}

test_a_bare_distribution_is_denied if {
	says(1, 0) with input as sample.planned("aws_cloudfront_distribution", {"web_acl_id": null}, {})
	says(0, 0) with input as sample.planned("aws_cloudfront_distribution", {"web_acl_id": "arn"}, {})
}

test_an_unknown_association_is_undecided if says(0, 1) with input as plan_of([balancer({"internal": false}), association({})])

test_unknown_reach_is_undecided if says(0, 1) with input as sample.planned("aws_lb", {"load_balancer_type": "application"}, {"internal": true})
