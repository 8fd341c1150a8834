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

test_each_template_of_pods_is_read if {
	power := {"hostPID": true, "containers": [safe]}
	every kind in ["Deployment", "ReplicationController", "Rollout"] {
		["spec.template.spec.hostPID"] == [one.address | some one in no_privileged.deny] with input as {"kind": kind, "spec": {"template": {"spec": power}}}
	}
	["template.spec.hostPID"] == [one.address | some one in no_privileged.deny] with input as {"kind": "PodTemplate", "template": {"spec": power}}
	says(0, 0) with input as {"kind": "ApplicationSet", "spec": {"template": {"spec": {"hostPID": true}}}}
}

test_a_process_of_the_machine_is_denied if {
	host := {"windowsOptions": {"hostProcess": true}}
	["spec.securityContext.windowsOptions.hostProcess"] == [one.address | some one in no_privileged.deny] with input as {"kind": "Pod", "spec": {"securityContext": host, "containers": [safe]}}
	["spec.template.spec.containers[0].securityContext.windowsOptions.hostProcess"] == [one.address | some one in no_privileged.deny] with input as deployment({"securityContext": object.union(host, {"allowPrivilegeEscalation": false})})
	says(0, 1) with input as {"kind": "Pod", "spec": {"securityContext": {"windowsOptions": {"hostProcess": unknown}}, "containers": [safe]}}
}

test_a_folder_of_the_machine_is_denied_where_it_stands if {
	volumes := [{"name": "a", "emptyDir": {}}, {"name": "b", "hostPath": {"path": "/"}}]
	["spec.template.spec.volumes[1]"] == [one.address | some one in no_privileged.deny] with input as {"kind": "Deployment", "spec": {"template": {"spec": {"volumes": volumes, "containers": [safe]}}}}
	["spec.hostPath"] == [one.address | some one in no_privileged.deny] with input as {"kind": "PersistentVolume", "spec": {"hostPath": {"path": "/"}}}
	says(0, 1) with input as {"kind": "PersistentVolume", "spec": {"hostPath": unknown}}
	says(0, 1) with input as {"kind": "PersistentVolume", "spec": unknown}
	says(0, 0) with input as {"kind": "PersistentVolume", "spec": {"csi": {"driver": "ebs"}}}
}
