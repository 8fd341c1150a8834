# METADATA
# title: Containers have no power over their machine
# description: >
#   No privileged container, no process of the machine, no folder of it, no more capabilities than were given, and no way to get
#   more: whoever breaks into one has the machine, and every pod on it.
# custom:
#   severity: critical
#   owner: security
#   controls: [CIS EKS 4.2.1, CIS EKS 4.2.2, CIS EKS 4.2.3, CIS EKS 4.2.4, CIS EKS 4.2.5]
#   remediation: >
#     Leave privileged, hostPID, hostIPC, hostNetwork and hostPath out, and set allowPrivilegeEscalation to false.
package gaia.kubernetes.no_privileged

import data.gaia.lib.workload

capabilities := {"NET_BIND_SERVICE"}

deny contains {"address": address, "message": message} if {
	some [address, found, message] in powers
	found == true
}

deny contains {"address": address, "message": "the container may get more rights than it was started with"} if {
	some [address, found] in escalations
	found != false
	not workload.unknown(found)
}

deny contains {"address": at(address, "capabilities.add"), "message": message} if {
	some address, container in data.gaia.lib.workload.containers
	added := object.get(container, ["securityContext", "capabilities", "add"], [])
	is_array(added)
	some capability in added
	not capability in capabilities
	message := sprintf("the capability %v is added", [capability])
}

deny contains {"address": address, "message": message} if {
	volumes := object.get(data.gaia.lib.workload.pod, ["spec", "volumes"], [])
	is_array(volumes)
	some number, volume in volumes
	object.get(volume, "hostPath", null) != null
	address := workload.at(["spec", sprintf("volumes[%d]", [number])])
	message := sprintf("the volume %v is a folder of the machine", [object.get(volume, "name", "")])
}

deny contains {"address": "spec.hostPath", "message": "the volume is a folder of the machine"} if {
	input.kind == "PersistentVolume"
	found := object.get(input, ["spec", "hostPath"], null)
	found != null
	not workload.unknown(found)
}

undecided contains {"address": "spec.hostPath", "message": "it is not known yet"} if {
	input.kind == "PersistentVolume"
	some steps in [["spec"], ["spec", "hostPath"]]
	workload.unknown(object.get(input, steps, null))
}

undecided contains {"address": address, "message": "it is not known yet"} if {
	some [address, found, _] in powers
	workload.unknown(found)
}

undecided contains {"address": address, "message": "it is not known yet"} if {
	some [address, found] in escalations
	workload.unknown(found)
}

undecided contains {"address": at(address, "capabilities"), "message": "it is not known yet"} if {
	some address, container in data.gaia.lib.workload.containers
	some path in [["securityContext"], ["securityContext", "capabilities"], ["securityContext", "capabilities", "add"]]
	workload.unknown(object.get(container, path, null))
}

undecided contains {"address": address, "message": "which containers there are is not known yet"} if {
	some address in data.gaia.lib.workload.hidden
}

undecided contains {"address": workload.at(["spec", "volumes"]), "message": "which volumes there are is not known yet"} if {
	workload.unknown(object.get(data.gaia.lib.workload.pod, ["spec", "volumes"], null))
}

# What must not be true, where, and what it would be.
powers := array.concat(
	[[workload.at(["spec", name]), object.get(data.gaia.lib.workload.pod, ["spec", name], false), message] |
		some name, message in {
			"hostIPC": "the pod shares memory with the machine",
			"hostNetwork": "the pod has the network of the machine",
			"hostPID": "the pod sees the processes of the machine",
		}
	],
	array.concat(of_pods, of_containers),
)

# A process of the machine is Windows' word for privileged.
of_pods := [[workload.at(steps), object.get(data.gaia.lib.workload.pod, steps, false), "the pod is a process of the machine"] |
	steps := ["spec", "securityContext", "windowsOptions", "hostProcess"]
]

of_containers := [[at(address, concat(".", steps)), object.get(container, array.concat(["securityContext"], steps), false), message] |
	some address, container in data.gaia.lib.workload.containers
	some [steps, message] in [
		[["privileged"], "the container is privileged"],
		[["windowsOptions", "hostProcess"], "the container is a process of the machine"],
	]
]

escalations := [[at(address, "allowPrivilegeEscalation"), found] |
	some address, container in data.gaia.lib.workload.containers
	not workload.unknown(object.get(container, "securityContext", null))
	found := object.get(container, ["securityContext", "allowPrivilegeEscalation"], true)
]

at(address, name) := sprintf("%s.securityContext.%s", [address, name])
