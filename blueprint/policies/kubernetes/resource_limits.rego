# METADATA
# title: Containers say what they need
# description: >
#   Requests place a pod, and a limit of memory keeps it from taking its neighbors down. A limit of CPU is not asked for: it
#   slows a container while the machine is idle.
# custom:
#   severity: medium
#   owner: platform
#   controls: []
#   remediation: >
#     Set resources.requests.cpu, resources.requests.memory and resources.limits.memory.
package gaia.kubernetes.resource_limits

import data.gaia.lib.workload

needed := [["requests", "cpu"], ["requests", "memory"], ["limits", "memory"]]

deny contains {"address": at(address, path), "message": "it is not set"} if {
	some [address, container, path] in asked
	not hidden(container, path)
	not said(object.get(container, array.concat(["resources"], path), null))
}

undecided contains {"address": at(address, path), "message": "it is not known yet"} if {
	some [address, container, path] in asked
	hidden(container, path)
}

undecided contains {"address": address, "message": "which containers there are is not known yet"} if {
	some address in data.gaia.lib.workload.hidden
}

asked := [[address, container, path] |
	some address, container in data.gaia.lib.workload.containers
	not startswith(regex.replace(address, `^.*\.`, ""), "ephemeral")
	some path in needed
]

at(address, path) := concat(".", array.concat([address, "resources"], path))

hidden(container, path) if {
	some length in numbers.range(0, count(path))
	workload.unknown(object.get(container, array.concat(["resources"], array.slice(path, 0, length)), null))
}

said(quantity) if is_number(quantity)

said(quantity) if {
	is_string(quantity)
	quantity != ""
}
