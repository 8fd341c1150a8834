package gaia.kubernetes.no_latest_test

import data.gaia.kubernetes.no_latest

says(deny, undecided) if {
	count(no_latest.deny) == deny
	count(no_latest.undecided) == undecided
}

unknown := {"$unknown": true}

deployment(container) := {"kind": "Deployment", "spec": {"template": {"spec": {"containers": [container]}}}}

test_a_version_is_allowed if {
	every image in ["shop:1.2.3", "registry.example.com:5000/acme/shop:v1", sprintf("shop@sha256:%s", [concat("", ["a" | some _ in numbers.range(1, 64)])])] {
		says(0, 0) with input as deployment({"image": image})
	}
}

test_no_version_is_denied if {
	every image in ["shop", "shop:latest", "shop:", "registry.example.com:5000/acme/shop", ""] {
		says(1, 0) with input as deployment({"image": image})
	}
	says(1, 0) with input as deployment({})
}

test_an_unknown_image_is_undecided if {
	says(0, 1) with input as deployment({"image": unknown})
	says(0, 1) with input as {"kind": "Deployment", "spec": {"template": {"spec": unknown}}}
}
