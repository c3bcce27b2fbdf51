def empty: {}[] as $x | .;
def error: error_empty as $x | .;
def error(message): (message | error_empty) as $x | .;

def true: 0 == 0;
def false: 0 != 0;
def null: [][0];
def not: if . then false else true end;
def select(f): if f then . else empty end;

def isboolean: type == "boolean";
def isnumber: type == "number";
def isstring: type == "string";
def isarray: type == "array";
def isobject: type == "object";
def values: select(. != null);
def nulls: select(type == "null");
def booleans: select(isboolean);
def numbers: select(isnumber);
def strings: select(isstring);
def arrays: select(isarray);
def objects: select(isobject);
def iterables: select(isarray or isobject);
def scalars: select((isarray or isobject) | not);

def tostring: "\(.)";
def tonumber: if isnumber then . else fromjson | if isnumber then . else error("not a number") end end;
def toboolean: if isboolean then . else fromjson | if isboolean then . else error("not a boolean") end end;
def abs: if . < 0 then - . else . end;

def range(from; to): range(from; to; 1);
def range(to): range(0; to; 1);

def map(f): [.[] | f];
def map_values(f): .[] |= f;
def walk(f): .. |= f;
def del(f): f |= empty;
def to_entries: [key_values[] as [$key, $value] | { $key, $value }];
def from_entries:
  reduce .[] as $x ({}; . + { ($x | if has("key") then .key elif has("k") then .k else .name end | tostring):
    ($x | if has("value") then .value else .v end) });
def with_entries(f): to_entries | map(f) | from_entries;
def keys: keys_unsorted | sort;

def first: .[0];
def last: .[-1];
def nth(n): .[n];
def nth(n; f): first(skip(n; f));
def isempty(f): first((f | false), true);
def all(f; g): isempty(f | g and empty);
def any(f; g): isempty(f | g or empty) | not;
def all(g): all(.[]; g);
def any(g): any(.[]; g);
def all: all(.[]; .);
def any: any(.[]; .);
def add(f): reduce f as $x (null; . + $x);
def in(object): . as $key | object | has($key);
def inside(outer): . as $inner | outer | contains($inner);

def min_by(f): reduce min_by_or_empty(f) as $x (null; $x);
def max_by(f): reduce max_by_or_empty(f) as $x (null; $x);
def min: min_by(.);
def max: max_by(.);
def unique_by(f): [group_by(f)[] | .[0]];
def unique: unique_by(.);

def split(separator): if isstring and (separator | isstring) then . / separator else error("split takes texts") end;
def ascii: [.] | implode;

def match(re; flags): regex_matches(re; flags)[];
def match(re): match(re; "");
def test(re; flags): regex_matches(re; flags) != [];
def test(re): test(re; "");
def capture(re; flags): match(re; flags) | [.captures[] | select(.name) | { (.name): .string }] | add // {};
def capture(re): capture(re; "");
def scan(re; flags): match(re; "g" + flags) | if .captures == [] then .string else [.captures[] | .string] end;
def scan(re): scan(re; "");
def split(re; flags): regex_split(re; "g" + flags) | [.[] | strings];
def splits(re; flags): split(re; flags)[];
def splits(re): splits(re; "");
def sub(re; f; flags): [regex_split(re; flags)[] | if isstring then . else f end] | join("");
def sub(re; f): sub(re; f; "");
def gsub(re; f; flags): sub(re; f; "g" + flags);
def gsub(re; f): sub(re; f; "g");

def todate: todateiso8601;
def fromdate: fromdateiso8601;

def @text: tostring;
def @json: tojson;
def @html: tostring | escape_html;
def @uri: tostring | encode_uri;
def @base64: tostring | encode_base64;
def @base64d: tostring | decode_base64;
