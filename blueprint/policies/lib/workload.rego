# METADATA
# title: Pods in objects of Kubernetes
# description: >
#   A pod stands in a Deployment, a CronJob and others at different depths. What is not known yet when a manifest is rendered
#   stands there as {"$unknown": true}.
package gaia.lib.workload

paths := {
	"CronJob": ["spec", "jobTemplate", "spec", "template"],
	"DaemonSet": ["spec", "template"],
	"Deployment": ["spec", "template"],
	"Job": ["spec", "template"],
	"Pod": [],
	"ReplicaSet": ["spec", "template"],
	"StatefulSet": ["spec", "template"],
}

kind := object.get(input, "kind", "")

# The pod that the object makes, undefined where it makes none.
pod := input if kind == "Pod"

pod := object.get(input, paths[kind], {}) if count(paths[kind]) > 0

# Containers by where they stand in the object, those that run before the others too.
containers[address] := container if {
	some list in ["containers", "ephemeralContainers", "initContainers"]
	found := object.get(pod, ["spec", list], [])
	is_array(found)
	some number, container in found
	is_object(container)
	steps := array.concat(paths[kind], ["spec", sprintf("%s[%d]", [list, number])])
	address := concat(".", steps)
}

unknown(found) if found == {"$unknown": true}

# The pod or its containers are not known.
hidden contains concat(".", array.concat(paths[kind], path)) if {
	some path in [["spec"], ["spec", "containers"], ["spec", "initContainers"]]
	unknown(object.get(pod, path, null))
}
