output "vpc_id" {
  description = "Id of the VPC."
  value       = aws_vpc.this.id
}

output "cidr_block" {
  description = "IPv4 range of the VPC."
  value       = aws_vpc.this.cidr_block
}

output "ipv6_cidr_block" {
  description = "IPv6 range of the VPC; empty without one."
  value       = var.ipv6_enabled ? aws_vpc.this.ipv6_cidr_block : ""
}

output "availability_zones" {
  description = "The zones, in the order of the subnets."
  value       = var.availability_zones
}

output "public_subnet_ids" {
  description = "Ids of the public subnets, one a zone: load balancers and NAT gateways."
  value       = [for zone in var.availability_zones : aws_subnet.public[zone].id]
}

output "private_subnet_ids" {
  description = "Ids of the private subnets, one a zone: workloads."
  value       = [for zone in var.availability_zones : aws_subnet.private[zone].id]
}

output "isolated_subnet_ids" {
  description = "Ids of the isolated subnets, one a zone: databases and caches."
  value       = [for zone in var.availability_zones : aws_subnet.isolated[zone].id]
}

output "nat_public_ips" {
  description = "Public addresses from which private subnets reach the internet, for allow lists of others."
  value       = [for zone, address in aws_eip.nat : address.public_ip]
}

output "endpoint_security_group_id" {
  description = "Id of the security group of the interface endpoints."
  value       = aws_security_group.endpoints.id
}

output "flow_log_group_name" {
  description = "Name of the log group with the flow logs."
  value       = aws_cloudwatch_log_group.flow.name
}
