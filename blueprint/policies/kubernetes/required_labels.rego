# METADATA
# title: Objects say whose they are
# description: >
#   What runs has the labels that Kubernetes recommends for a name and the platform needs for an owner: who is called at
#   night, who pays. Pods have them too, because metrics and network policies know pods only.
# custom:
#   severity: medium
#   owner: platform
#   controls: []
#   remediation: >
#     Set app.kubernetes.io/name and gaia/owner in metadata.labels, and in those of the pod template.
package gaia.kubernetes.required_labels

import data.gaia.lib.workload

required := {"app.kubernetes.io/name", "gaia/owner"}

labelled := object.keys(data.gaia.lib.workload.paths) | {"Service", "Ingress", "ConfigMap", "PersistentVolumeClaim"}

deny contains {"address": sprintf("%s.%s", [address, label]), "message": sprintf("the label %s is missing or empty", [label])} if {
	some [address, labels] in places
	not workload.unknown(labels)
	some label in required
	empty(object.get(labels, label, null))
}

undecided contains {"address": address, "message": "the labels are not known yet"} if {
	some [address, labels] in places
	workload.unknown(labels)
}

undecided contains {"address": sprintf("%s.%s", [address, label]), "message": sprintf("the label %s is not known yet", [label])} if {
	some [address, labels] in places
	not workload.unknown(labels)
	some label in required
	workload.unknown(object.get(labels, label, null))
}

places := array.concat(own, of_the_pod)

own := [["metadata.labels", as_object(object.get(input, ["metadata", "labels"], {}))] | has_labels]

has_labels if data.gaia.lib.workload.kind in labelled

has_labels if data.gaia.lib.workload.path

of_the_pod := [[concat(".", array.concat(path, ["metadata", "labels"])), as_object(object.get(data.gaia.lib.workload.pod, ["metadata", "labels"], {}))] |
	path := data.gaia.lib.workload.path
	count(path) > 0
]

as_object(found) := found if is_object(found)

as_object(found) := {} if not is_object(found)

empty(label) if {
	not is_string(label)
	not workload.unknown(label)
}

empty(label) if {
	is_string(label)
	trim_space(label) == ""
}
