package gaia.kubernetes.required_labels_test

import data.gaia.kubernetes.required_labels

says(deny, undecided) if {
	count(required_labels.deny) == deny
	count(required_labels.undecided) == undecided
}

unknown := {"$unknown": true}

labels := {"app.kubernetes.io/name": "shop", "gaia/owner": "team-shop"}

deployment(own, of_pod) := {"kind": "Deployment", "metadata": {"labels": own}, "spec": {"template": {"metadata": {"labels": of_pod}}}}

test_labelled_objects_are_allowed if {
	says(0, 0) with input as deployment(labels, labels)
	says(0, 0) with input as {"kind": "Pod", "metadata": {"labels": labels}}
}

test_what_runs_nothing_is_allowed if says(0, 0) with input as {"kind": "Namespace", "metadata": {}}

test_a_missing_label_is_denied if {
	says(1, 0) with input as deployment(object.remove(labels, ["gaia/owner"]), labels)
	says(1, 0) with input as deployment(labels, object.union(labels, {"gaia/owner": " "}))
	says(2, 0) with input as {"kind": "Service", "metadata": {"labels": null}}
}

test_unknown_labels_are_undecided if {
	says(0, 1) with input as deployment(unknown, labels)
	says(0, 1) with input as deployment(labels, object.union(labels, {"gaia/owner": unknown}))
}
