#!/usr/bin/env bats
# Documents about a run that is there: the page, and the tables again.

load common.bash

bats_require_minimum_version 1.5.0

# Elements that are closed in order, ids that are there once, links that lead somewhere, nothing
# from elsewhere; and what its text says, on stdout.
read_page() { # file
    python3 - "$1" <<'PY'
import html.parser, sys
class Page(html.parser.HTMLParser):
    void, open, ids, links, text = {"meta", "link", "br", "path"}, [], [], [], []
    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        assert not {"src", "onclick", "onload", "onerror"} & set(attrs), (tag, attrs)
        assert attrs.get("href", "#")[0] == "#" or attrs["href"] == "data:,", attrs
        self.ids += [attrs["id"]] if "id" in attrs else []
        self.links += [attrs["href"][1:]] if attrs.get("href", "")[:1] == "#" else []
        self.open += [] if tag in self.void else [tag]
    def handle_startendtag(self, tag, attrs): pass
    def handle_endtag(self, tag): assert self.open.pop() == tag, tag
    def handle_data(self, data):
        if self.open and self.open[-1] not in ("style", "script"): self.text.append(data)
page = Page()
page.feed(open(sys.argv[1], encoding="utf-8").read())
page.close()
assert not page.open, page.open
assert len(page.ids) == len(set(page.ids)) and set(page.links) <= set(page.ids)
print(" ".join("".join(page.text).split()))
PY
}

@test "report writes the page and the same tables again, without the data" {
    small_experiment small.cfg
    "$RECKON" run -q small.cfg 'report=["csv","json","md","txt"]' >/dev/null
    cp -r results/small before
    rm results/small/table.*
    run -0 "$RECKON" report small
    said results/small/report.html results/small/table.csv results/small/table.json
    for file in csv json md txt; do cmp "before/table.$file" "results/small/table.$file"; done
    cmp before/scores.csv results/small/scores.csv # what it does not write is as it was
    run -0 read_page results/small/report.html
    said "small" "2 models on synthetic" "Results" "item_mean" "Folds and parameters" "Provenance" \
        "Once more" "reckon run experiment.cfg" "reckon report results/small" 'seed = 7;'
    for hash in $(grep -o '"hash": "[0-9a-f]*"' before/provenance.json | cut -d'"' -f4); do said "$hash"; done
    [[ $output != *"$(hostname)"* && $output != *"$BATS_TEST_TMPDIR"* ]]
}

@test "an experiment can ask for the page, which goes when it is not asked for any more" {
    small_experiment small.cfg
    echo 'report = ("html", "md");' >>small.cfg
    "$RECKON" run -q small.cfg >/dev/null
    cp results/small/report.html first.html
    run -0 read_page first.html
    "$RECKON" report small --format html
    diff <(sed 's/data-v="[^"]*">[^<]* \(s\|MiB\|min\)</COST</g' first.html) \
        <(sed 's/data-v="[^"]*">[^<]* \(s\|MiB\|min\)</COST</g' results/small/report.html)
    "$RECKON" run -q small.cfg 'report=["csv"]' >/dev/null
    [ ! -e results/small/report.html ] && [ ! -e results/small/table.md ]
}

@test "formats are chosen, and the folder" {
    small_experiment small.cfg
    "$RECKON" run -q small.cfg >/dev/null
    mkdir there
    run -0 "$RECKON" report results/small --format md,html --out there
    [ "$(ls there | tr '\n' ' ')" = "report.html table.md " ]
    [ ! -e results/small/report.html ]
    run -2 "$RECKON" report small --format pdf
    said '"pdf" is no format' html csv
    run -2 "$RECKON" report small --format html,
    said '"" is no format'
    run -2 "$RECKON" report
    run -1 "$RECKON" report nowhere
    said nowhere
    run -0 "$RECKON" report small --format md --out new/folder
    cmp new/folder/table.md there/table.md
    run -1 "$RECKON" report small --out small.cfg/below
    said small.cfg
}

@test "a file that cannot be written stays as it was" {
    small_experiment small.cfg
    "$RECKON" run -q small.cfg >/dev/null
    mkdir there
    echo old >there/report.html
    cp there/report.html old
    run -1 bash -c "ulimit -f 8; trap '' XFSZ; '$RECKON' report small --format html --out there"
    said there/report.html
    cmp old there/report.html
    [ "$(ls -A there)" = report.html ]
}

@test "a run that was stopped gets a page that says so" {
    small_experiment small.cfg '{ plugin = "item_mean"; }, { plugin = "svd"; epochs = 30; }'
    "$RECKON" run -q small.cfg --log-format json -j1 'split.folds=10' 'seeds=20' >/dev/null 2>err &
    local run=$! k
    for ((k = 0; k < 200; k++)); do
        [ "$(grep -c '"event":"trial"' err)" -ge 1 ] && break
        sleep 0.05
    done
    kill -INT $run
    wait $run || [ $? -eq 130 ]
    run -0 "$RECKON" report small --format html
    said "the run is interrupted"
    run -0 read_page results/small/report.html
    said "has not come to its end" "Once more"
}

@test "a failed trial is told with its cause and what it printed" {
    local broken=$RECKON_BUILD/tests/broken/misbehaves.so
    [ -e "$broken" ] || skip "no misbehaves.so"
    small_experiment small.cfg "{ plugin = \"$broken\"; how = \"fail\"; label = \"</script><b>\"; }, \"bias\""
    "$RECKON" run -q small.cfg >/dev/null || [ $? -eq 3 ]
    cause=$("$RECKON" show small --failed --format json |
        python3 -c 'import json, sys; print(json.load(sys.stdin)[0]["cause"])')
    run -0 "$RECKON" report small
    run -0 read_page results/small/report.html
    said "$cause" "</script><b>" "3 of them failed"
}

@test "the page allows its own script alone" {
    small_experiment small.cfg
    "$RECKON" run -q small.cfg 'report=["html"]' >/dev/null
    python3 - results/small/report.html <<'PY'
import base64, hashlib, re, sys
page = open(sys.argv[1], encoding="utf-8").read()
(script,) = re.findall("<script>(.*?)</script>", page, re.S)
(allowed,) = re.findall("script-src '(sha256-[^']*)'", page)
right = "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
assert allowed == right, f"page_script_hash has to be {right}"
PY
}

@test "a link among the files is replaced, and what it leads to stays" {
    small_experiment small.cfg
    "$RECKON" run -q small.cfg >/dev/null
    echo mine >precious
    ln -sf ../../precious results/small/table.txt
    mkdir sent && ln -s ../precious sent/report.html
    run -0 "$RECKON" report -q small
    run -0 "$RECKON" report -q small --out sent
    [ "$(cat precious)" = mine ]
    [ -f sent/report.html ] && [ ! -L sent/report.html ] && [ ! -L results/small/table.txt ]
}

@test "the page tells the plugin that made the results, not the one that is there now" {
    mkdir mine; cp "$RECKON_BUILD/plugins/bias.so" mine/
    small_experiment small.cfg '{ plugin = "./mine/bias.so"; label = "b"; }'
    "$RECKON" run -q small.cfg >/dev/null
    local then
    then=$(grep -B3 '"label": "b"' results/small/provenance.json | grep -o '[0-9a-f]\{32\}')
    printf 'x' >>mine/bias.so # another hash, the same plugin
    "$RECKON" report small --format html
    run -0 read_page results/small/report.html
    said "$then"
}
