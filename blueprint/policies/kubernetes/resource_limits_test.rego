package gaia.kubernetes.resource_limits_test

import data.gaia.kubernetes.resource_limits

says(deny, undecided) if {
	count(resource_limits.deny) == deny
	count(resource_limits.undecided) == undecided
}

unknown := {"$unknown": true}

deployment(container) := {"kind": "Deployment", "spec": {"template": {"spec": {"containers": [container]}}}}

enough := {"resources": {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "256Mi"}}}

test_all_three_are_allowed if says(0, 0) with input as deployment(enough)

test_a_missing_one_is_denied if {
	says(3, 0) with input as deployment({"name": "a"})
	says(1, 0) with input as deployment({"resources": object.remove(enough.resources, ["limits"])})
	says(3, 0) with input as {"kind": "CronJob", "spec": {"jobTemplate": {"spec": {"template": {"spec": {"initContainers": [{}]}}}}}}
}

test_unknown_ones_are_undecided if {
	says(0, 3) with input as deployment({"resources": unknown})
	says(0, 1) with input as deployment({"resources": object.union(enough.resources, {"limits": {"memory": unknown}})})
	says(0, 1) with input as {"kind": "Pod", "spec": {"containers": unknown}}
}
