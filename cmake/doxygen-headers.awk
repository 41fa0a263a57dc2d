# The comment that opens a header, before its namespace, says what the header is about, with formulas
# and tables: made the description of the file, as it stands. No line more or less, so that warnings
# name the right one.
function flush_block(is_description, k) {
  for (k = 1; k <= count; ++k) {
    if (is_description) {
      if (k == 1) {
        print "/// @file"
        continue
      }
      sub(/^\/\/ ?/, "", line[k])
      line[k] = "/// " (k == 2 ? "@verbatim " : "") line[k] (k == count ? " @endverbatim" : "")
    }
    print line[k]
  }
  count = 0
}
# A blank line may begin a block, "// " goes on with it.
/^$/ { flush_block(0); line[count = 1] = $0; next }
count > 0 && /^\/\/( |$)/ { line[++count] = $0; next }
{
  flush_block(count > 1 && /^namespace gaus/)
  print
}
END { flush_block(0) }
