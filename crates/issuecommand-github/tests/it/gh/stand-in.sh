#!/bin/sh
# A stand-in for GitHub's gh where that cannot be had: as much of `gh --version`, `gh auth token` and `gh api --include` as
# IssueCommand uses, by curl. Redirects are shown, not followed.
case "$1" in
  --version)
    curl --version >/dev/null 2>&1 || exit 1
    echo "gh version 0.0.0 (a stand-in)"
    exit 0
    ;;
  auth)
    if [ -z "$GH_ENTERPRISE_TOKEN" ]; then
      echo "no oauth token" >&2
      exit 1
    fi
    exit 0
    ;;
esac

if [ -z "$GH_ENTERPRISE_TOKEN" ]; then
  echo "To get started with GitHub CLI, please run:  gh auth login" >&2
  exit 4
fi

shift
input=/dev/null
for argument in "$@"; do url=$argument; done
set -- "$@" end
while [ "$1" != end ]; do
  option=$1
  shift
  case "$option" in
    --include) ;;
    --method) set -- "$@" --request "$1"; shift ;;
    --header) set -- "$@" --header "$1"; shift ;;
    --input) input=-; shift ;;
  esac
done
shift
if [ "$input" = - ]; then
  set -- "$@" --data-binary @-
fi

echo "* Request to $url" >&2
answer=$(mktemp)
trap 'rm -f "$answer"' EXIT
# A reader of the process list does not see the token.
printf 'header = "Authorization: token %s"\n' "$GH_ENTERPRISE_TOKEN" >"$answer.config"
curl --silent --show-error --include --http1.1 --compressed --config "$answer.config" --output "$answer" "$@" "$url" 2>"$answer.complaint"
failed=$?
rm -f "$answer.config"
cat "$answer"
if [ "$failed" != 0 ]; then
  sed 's/^curl: ([0-9]*) //' "$answer.complaint" >&2
  rm -f "$answer.complaint"
  exit 1
fi
rm -f "$answer.complaint"
status=$(head -n 1 "$answer" | cut -d ' ' -f 2)
if [ "$status" -ge 300 ]; then
  echo "gh: HTTP $status" >&2
  exit 1
fi
