# METADATA
# title: Nothing but a load balancer is reached from the internet
# description: >
#   Databases, clusters, machines and subnets have no public address. What must be public stands behind a load balancer.
# custom:
#   severity: critical
#   owner: security
#   controls: [AWS FSBP RDS.2, AWS FSBP EC2.9, AWS FSBP EC2.15, AWS FSBP EKS.1, AWS FSBP Redshift.1, AWS FSBP DMS.1, CIS AWS 3.0.0 2.3.3]
#   remediation: >
#     Switch the public address off and reach the resource through the network, Session Manager or a load balancer.
package gaia.plan.no_public_endpoint

import data.gaia.lib.ingress
import data.gaia.lib.plan
import data.gaia.lib.setting
import data.gaia.lib.value

settings := {
	"aws_db_instance": [{"path": ["publicly_accessible"], "want": "off"}],
	"aws_dms_replication_instance": [{"path": ["publicly_accessible"], "want": "off"}],
	"aws_ecs_service": [{"path": ["network_configuration", 0, "assign_public_ip"], "want": "off"}],
	"aws_eks_cluster": [{"path": ["vpc_config", 0, "endpoint_public_access"], "want": "off"}],
	"aws_instance": [{"path": ["associate_public_ip_address"], "want": "off"}],
	"aws_launch_template": [{"path": ["network_interfaces", "*", "associate_public_ip_address"], "want": "off"}],
	"aws_mq_broker": [{"path": ["publicly_accessible"], "want": "off"}],
	"aws_rds_cluster_instance": [{"path": ["publicly_accessible"], "want": "off"}],
	"aws_redshift_cluster": [{"path": ["publicly_accessible"], "want": "off"}],
	"aws_sagemaker_notebook_instance": [{"path": ["direct_internet_access"], "want": {"one_of": {"Disabled"}}}],
	"aws_subnet": [{"path": ["map_public_ip_on_launch"], "want": "off"}],
}

deny contains {"address": resource.address, "message": message} if {
	some kind, rows in settings
	some resource in plan.of(kind)
	some attribute in setting.wrong(resource, rows)
	not excused(resource)
	message := sprintf("%s makes it reachable from the internet", [attribute])
}

undecided contains {"address": resource.address, "message": message} if {
	some kind, rows in settings
	some resource in plan.of(kind)
	some attribute in setting.unknown(resource, rows)
	message := sprintf("%s is known only after apply", [attribute])
}

undecided contains {"address": resource.address, "message": "who reaches the public endpoint is known only after apply"} if {
	some resource in plan.of("aws_eks_cluster")
	value.read(resource.change, ["vpc_config", 0, "endpoint_public_access"]).value == true
	value.read(resource.change, networks_of_cluster).state == "unknown"
	excused(resource)
}

networks_of_cluster := ["vpc_config", 0, "public_access_cidrs"]

# A cluster whose public endpoint lets named networks in only; which ones may not be known yet.
excused(resource) if {
	resource.type == "aws_eks_cluster"
	networks := value.members(resource.change, networks_of_cluster)
	count(networks) > 0
	every network in networks { narrow(network) }
	not ingress.add_up(networks)
}

excused(resource) if {
	resource.type == "aws_eks_cluster"
	value.read(resource.change, networks_of_cluster).state == "unknown"
	some expressions in plan.configured(resource)
	some block in value.items(object.get(expressions, "vpc_config", []))
	object.get(block, "public_access_cidrs", null) != null
}

narrow(network) if {
	is_string(network)
	ingress.bits(network) >= 8
}
