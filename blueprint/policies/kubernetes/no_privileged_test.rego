package gaia.kubernetes.no_privileged_test

import data.gaia.kubernetes.no_privileged

says(deny, undecided) if {
	count(no_privileged.deny) == deny
	count(no_privileged.undecided) == undecided
}

unknown := {"$unknown": true}

deployment(container) := {"kind": "Deployment", "spec": {"template": {"spec": {"containers": [container]}}}}

safe := {"securityContext": {"allowPrivilegeEscalation": false}}

test_a_container_without_power_is_allowed if {
	says(0, 0) with input as deployment(safe)
	says(0, 0) with input as deployment({"securityContext": {"allowPrivilegeEscalation": false, "capabilities": {"add": ["NET_BIND_SERVICE"], "drop": ["ALL"]}}})
}

test_power_is_denied if {
	says(1, 0) with input as deployment({"securityContext": {"allowPrivilegeEscalation": false, "privileged": true}})
	says(1, 0) with input as deployment({})
	says(1, 0) with input as deployment({"securityContext": {"allowPrivilegeEscalation": false, "capabilities": {"add": ["SYS_ADMIN"]}}})
}

test_the_machine_is_denied if {
	every name in ["hostPID", "hostIPC", "hostNetwork"] {
		says(1, 0) with input as {"kind": "Pod", "spec": {name: true, "containers": [safe]}}
	}
	says(1, 0) with input as {"kind": "Pod", "spec": {"volumes": [{"name": "a", "hostPath": {"path": "/"}}], "containers": [safe]}}
}

test_unknown_power_is_undecided if {
	says(0, 1) with input as deployment({"securityContext": {"allowPrivilegeEscalation": false, "privileged": unknown}})
	says(0, 1) with input as deployment({"securityContext": unknown})
	says(0, 1) with input as {"kind": "Pod", "spec": {"volumes": unknown}}
}

test_containers_and_escalation_that_are_not_known_are_undecided if {
	says(0, 1) with input as {"kind": "Pod", "spec": {"containers": unknown}}
	says(0, 1) with input as deployment({"securityContext": {"allowPrivilegeEscalation": unknown}})
}
