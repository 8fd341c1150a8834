# METADATA
# title: State is encrypted where it is stored
# description: >
#   State holds secrets in clear. The document is an instance's description; a value that is not resolved yet stands
#   there as {"$unknown": true}.
# custom:
#   severity: high
#   owner: platform
#   controls: []
#   remediation: Set encrypt to true in the stack's backend section.
package gaia.manifest.encrypted_state

deny contains {"address": "backend.encrypt", "message": "the S3 backend does not have encrypt set to true"} if {
	input.backend_type == "s3"
	encrypt != true
	not unknown
}

undecided contains {"address": "backend.encrypt", "message": "whether the S3 backend encrypts is not resolved yet"} if {
	input.backend_type == "s3"
	unknown
}

encrypt := object.get(input, ["backend", "encrypt"], null)

unknown if encrypt == {"$unknown": true}

unknown if object.get(input, "backend", null) == {"$unknown": true}
