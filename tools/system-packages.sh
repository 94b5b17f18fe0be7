#!/usr/bin/env bash
# What the tests and checks need of the system: pdftotext and pdftoppm, gettext, a browser, fonts for rare characters, PostgreSQL.
# `tools/system-packages.sh spark`: what only the tests on a Spark cluster need, a Java 17 runtime.
# `tools/system-packages.sh r`: what only the benchmarks beside R need, survey and lme4.
# `tools/system-packages.sh foreign`: verifiers of logs that others wrote (tests/deep/foreign), Go's and node for npm's.
# Installs it when root, otherwise says exactly what to install.
set -euo pipefail
packages=()
if [ "${1:-}" = spark ]; then
  command -v java >/dev/null || packages+=(openjdk-17-jre-headless)
elif [ "${1:-}" = foreign ]; then
  command -v go >/dev/null || packages+=(golang-go)
  [ -d /usr/share/gocode/src/golang.org/x/mod/sumdb ] || packages+=(golang-golang-x-mod-dev)
  command -v node >/dev/null || packages+=(nodejs)
  command -v npm >/dev/null || packages+=(npm)
elif [ "${1:-}" = r ]; then
  Rscript -e 'library(survey); library(lme4)' >/dev/null 2>&1 || packages+=(r-base-core r-cran-survey r-cran-lme4)
else
  command -v pdftotext >/dev/null || packages+=(poppler-utils)
  command -v xgettext >/dev/null || packages+=(gettext)
  command -v initdb >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || packages+=(postgresql)
  command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || packages+=(chromium)
  fc-list 2>/dev/null | grep NotoSansCJK >/dev/null || packages+=(fonts-noto-cjk fontconfig)
fi
[ ${#packages[@]} -eq 0 ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "installing ${packages[*]} ..."
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq && apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
else
  echo "Needed here: ${packages[*]}" >&2
  echo "Please run: sudo apt-get install ${packages[*]}" >&2
  exit 1
fi
