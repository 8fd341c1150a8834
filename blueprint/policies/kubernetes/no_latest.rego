# METADATA
# title: Images have a version
# description: >
#   latest, or no tag, is another image tomorrow: what was tried is not what runs, and nobody can go back to it.
# custom:
#   severity: medium
#   owner: platform
#   controls: []
#   remediation: >
#     Name the image's version, or better its digest.
package gaia.kubernetes.no_latest

import data.gaia.lib.workload

deny contains {"address": sprintf("%s.image", [address]), "message": message} if {
	some address, container in data.gaia.lib.workload.containers
	image := object.get(container, "image", "")
	is_string(image)
	not fixed(image)
	message := sprintf("the image %q has no version", [image])
}

undecided contains {"address": sprintf("%s.image", [address]), "message": "the image is not known yet"} if {
	some address, container in data.gaia.lib.workload.containers
	workload.unknown(object.get(container, "image", ""))
}

undecided contains {"address": address, "message": "which containers there are is not known yet"} if {
	some address in data.gaia.lib.workload.hidden
}

fixed(image) if regex.match(`@sha256:[0-9a-f]{64}$`, image)

# A colon before the last slash is a port of the registry.
fixed(image) if {
	parts := split(image, "/")
	name := parts[count(parts) - 1]
	[_, tag] := split(name, ":")
	not tag in {"", "latest"}
}
