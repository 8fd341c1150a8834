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

deny contains {"address": "spec.volumes", "message": message} if {
	volumes := object.get(data.gaia.lib.workload.pod, ["spec", "volumes"], [])
	is_array(volumes)
	some volume in volumes
	object.get(volume, "hostPath", null) != null
	message := sprintf("the volume %v is a folder of the machine", [object.get(volume, "name", "")])
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

undecided contains {"address": "spec.volumes", "message": "which volumes there are is not known yet"} if {
	workload.unknown(object.get(data.gaia.lib.workload.pod, ["spec", "volumes"], null))
}

# What must not be true, where, and what it would be.
powers := array.concat(
	[[sprintf("spec.%s", [name]), object.get(data.gaia.lib.workload.pod, ["spec", name], false), message] |
		some name, message in {
			"hostIPC": "the pod shares memory with the machine",
			"hostNetwork": "the pod has the network of the machine",
			"hostPID": "the pod sees the processes of the machine",
		}
	],
	[[at(address, "privileged"), object.get(container, ["securityContext", "privileged"], false), "the container is privileged"] |
		some address, container in data.gaia.lib.workload.containers
	],
)

escalations := [[at(address, "allowPrivilegeEscalation"), found] |
	some address, container in data.gaia.lib.workload.containers
	not workload.unknown(object.get(container, "securityContext", null))
	found := object.get(container, ["securityContext", "allowPrivilegeEscalation"], true)
]

at(address, name) := sprintf("%s.securityContext.%s", [address, name])
