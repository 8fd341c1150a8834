# METADATA
# title: Pods in objects of Kubernetes
# description: >
#   A pod stands in a Deployment, a CronJob and others at different depths; what has a template of one at spec.template, an Argo
#   Rollout for instance, is read like a Deployment. What is not known yet when a manifest is rendered stands there as
#   {"$unknown": true}.
package gaia.lib.workload

paths := {
	"CronJob": ["spec", "jobTemplate", "spec", "template"],
	"DaemonSet": ["spec", "template"],
	"Deployment": ["spec", "template"],
	"Job": ["spec", "template"],
	"Pod": [],
	"PodTemplate": ["template"],
	"ReplicaSet": ["spec", "template"],
	"ReplicationController": ["spec", "template"],
	"StatefulSet": ["spec", "template"],
}

kind := object.get(input, "kind", "")

# Where the pod stands that the object makes, undefined where it makes none.
path := paths[kind] if {
	kind in object.keys(paths)
} else := ["spec", "template"] if {
	some list in ["containers", "initContainers"]
	found := object.get(input, ["spec", "template", "spec", list], null)
	is_array(found)
}

pod := input if path == []

pod := object.get(input, path, {}) if count(path) > 0

# An address in the object, of what stands at these steps of the pod.
at(steps) := concat(".", array.concat(path, steps))

# Containers by where they stand in the object, those that run before the others too.
containers[address] := container if {
	some list in ["containers", "ephemeralContainers", "initContainers"]
	found := object.get(pod, ["spec", list], [])
	is_array(found)
	some number, container in found
	is_object(container)
	address := at(["spec", sprintf("%s[%d]", [list, number])])
}

unknown(found) if found == {"$unknown": true}

# The pod or its containers are not known.
hidden contains at(steps) if {
	some steps in [["spec"], ["spec", "containers"], ["spec", "initContainers"]]
	unknown(object.get(pod, steps, null))
}
