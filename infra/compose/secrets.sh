#!/bin/sh
# Makes up the passwords of docker-compose.yml, once: a file that is there stays as it is.
set -eu
cd "$(dirname "$0")/../.."
mkdir -p .secrets
# The folder keeps other people of this machine out; a container's account must be able to read the files.
chmod 700 .secrets
umask 022

password() {
  LC_ALL=C tr -dc 'A-Za-z0-9' </dev/urandom | head -c 40
}

# keep NAME VALUE
keep() {
  [ -s ".secrets/$1" ] || printf '%s' "$2" >".secrets/$1"
}

# url LOGIN PASSWORD
url() {
  printf 'postgresql://%s:%s@postgres:5432/azcops' "$1" "$2"
}

keep owner-password "$(password)"
keep owner-database-url "$(url azcops_owner "$(cat .secrets/owner-password)")"
keep api-database-url "$(url azcops_api_login "$(password)")"
keep worker-database-url "$(url azcops_worker_login "$(password)")"
keep grafana-password "$(password)"
echo 'Secrets are in .secrets/.'
