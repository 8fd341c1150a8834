package gaia.plan.traffic_is_encrypted_test

import data.gaia.plan.traffic_is_encrypted

planned(kind, after, after_unknown) := {"resource_changes": [{
	"address": "this", "mode": "managed", "type": kind, "name": "this",
	"change": {"actions": ["create"], "before": null, "after": after, "after_unknown": after_unknown},
}]}

nothing if {
	count(traffic_is_encrypted.deny) == 0
	count(traffic_is_encrypted.undecided) == 0
}

test_destroying_is_allowed if {
	nothing with input as {"resource_changes": [{"address": "this", "mode": "managed", "type": "aws_lb_listener", "change": {"actions": ["delete"], "after": null}}]}
}

test_a_current_policy_is_allowed if nothing with input as planned("aws_lb_listener", {"protocol": "HTTPS", "ssl_policy": "ELBSecurityPolicy-TLS13-1-2-2021-06"}, {})

test_a_redirect_is_allowed if nothing with input as planned("aws_lb_listener", {"protocol": "HTTP", "default_action": [{"type": "redirect", "redirect": [{"protocol": "HTTPS"}]}]}, {})

test_a_queue_subscription_is_allowed if nothing with input as planned("aws_sns_topic_subscription", {"protocol": "sqs"}, {})

test_a_listener_in_clear_is_denied if {
	count(traffic_is_encrypted.deny) == 1 with input as planned("aws_lb_listener", {"protocol": "HTTP", "default_action": [{"type": "forward"}]}, {})
}

test_an_old_policy_is_denied if {
	count(traffic_is_encrypted.deny) == 1 with input as planned("aws_lb_listener", {"protocol": "HTTPS", "ssl_policy": "ELBSecurityPolicy-2016-08"}, {})
}

test_tls_one_point_one_is_denied if {
	count(traffic_is_encrypted.deny) == 1 with input as planned("aws_lb_listener", {"protocol": "HTTPS", "ssl_policy": "ELBSecurityPolicy-TLS-1-1-2017-01"}, {})
}

test_no_policy_is_denied if {
	count(traffic_is_encrypted.deny) == 1 with input as planned("aws_lb_listener", {"protocol": "HTTPS"}, {})
}

test_messages_in_clear_are_denied if {
	count(traffic_is_encrypted.deny) == 1 with input as planned("aws_sns_topic_subscription", {"protocol": "http"}, {})
}

test_an_unknown_policy_is_undecided if {
	change := planned("aws_lb_listener", {"protocol": "HTTPS"}, {"ssl_policy": true})
	count(traffic_is_encrypted.deny) == 0 with input as change
	count(traffic_is_encrypted.undecided) == 1 with input as change
}

test_an_unknown_protocol_is_undecided if {
	count(traffic_is_encrypted.undecided) == 1 with input as planned("aws_lb_listener", {}, {"protocol": true, "ssl_policy": true})
}

test_what_speaks_no_tls_has_no_policy if nothing with input as planned("aws_lb_listener", {"protocol": "UDP"}, {"ssl_policy": true})

test_targets_in_clear_are_denied if {
	count(traffic_is_encrypted.deny) == 1 with input as planned("aws_lb_target_group", {"protocol": "HTTP"}, {})
}

test_targets_that_speak_tls_are_allowed if nothing with input as planned("aws_lb_target_group", {"protocol": "HTTPS"}, {})

test_unknown_targets_are_undecided if {
	count(traffic_is_encrypted.undecided) == 1 with input as planned("aws_lb_target_group", {}, {"protocol": true})
}

test_an_unknown_protocol_of_a_subscription_is_undecided if {
	count(traffic_is_encrypted.undecided) == 1 with input as planned("aws_sns_topic_subscription", {}, {"protocol": true})
}
