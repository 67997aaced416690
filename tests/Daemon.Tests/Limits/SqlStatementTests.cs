using MaildirQuotaWatcher.Limits;

namespace MaildirQuotaWatcher.Daemon.Tests.Limits;

public sealed class SqlStatementTests
{
    [Theory]
    [InlineData("SELECT q FROM u WHERE id = '%u'", "SELECT q FROM u WHERE id = $0", "a'b@x.y")]
    [InlineData("WHERE n = '%n' AND d='%d'", "WHERE n = $0 AND d=$1", "a'b|x.y")]
    [InlineData("WHERE id = '%Ln@%Ud'", "WHERE id = $0", "a'b@X.Y")]
    [InlineData("WHERE id = %u", "WHERE id = $0", "a'b@x.y")]
    [InlineData("LIKE 'x%%' AND 'it''s' || '%n'", "LIKE $0 AND 'it''s' || $1", "x%|a'b")]
    [InlineData("SELECT a %% 2 AS \"quota%%\"", "SELECT a % 2 AS \"quota%\"", "")]
    [InlineData("SELECT 'it''s %n'", "SELECT $0", "it's a'b")]
    public void TryParse_Query_PartsTheUser(string query, string text, string parameters)
    {
        Assert.True(SqlStatement.TryParse(query, backslashes: false, out var statement, out _));
        Assert.Equal(text, statement.Text(i => $"${i}"));
        Assert.Equal(parameters, string.Join('|', statement.Parameters.Select(p => p.Expand("a'b@x.y"))));
    }

    [Theory]
    [InlineData(@"SELECT 'it\'s %n', `a'b`", "SELECT $0, `a'b`", "it's a")]
    [InlineData("SELECT \"%u\"", "SELECT $0", "a")]
    public void TryParse_MySql_KnowsBackslashAndDoubleQuotes(string query, string text, string parameters)
    {
        Assert.True(SqlStatement.TryParse(query, backslashes: true, out var statement, out _));
        Assert.Equal(text, statement.Text(i => $"${i}"));
        Assert.Equal(parameters, string.Join('|', statement.Parameters.Select(p => p.Expand("a"))));
    }

    [Theory]
    [InlineData("WHERE id = '%u", "column 12: the quote is not closed")]
    [InlineData("WHERE id = '%w'", "in the text at column 12: column 1: '%w' is not known")]
    [InlineData("WHERE id = %w", "column 12: '%w' is not known")]
    [InlineData("WHERE id = E'%u'", "column 12: a text with a variable cannot have a letter")]
    public void TryParse_Wrong_NamesTheColumn(string query, string start)
    {
        Assert.False(SqlStatement.TryParse(query, backslashes: false, out _, out var error));
        Assert.StartsWith(start, error);
    }
}
