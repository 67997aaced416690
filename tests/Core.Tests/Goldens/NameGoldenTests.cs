using MaildirQuotaWatcher.Maildir;
using MaildirQuotaWatcher.Testing.Goldens;

namespace MaildirQuotaWatcher.Core.Tests.Goldens;

/// <summary>Every message name of <c>tests/Goldens/names</c>, under every policy.</summary>
public sealed class NameGoldenTests
{
    private static readonly Dictionary<string, NameGolden> All = NameGolden.Load().ToDictionary(golden => golden.Id);

    public static TheoryData<string, string> Cases
    {
        get
        {
            var cases = new TheoryData<string, string>();
            foreach (var id in All.Keys)
                foreach (var column in PolicyColumn.All)
                    cases.Add(id, column);
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Read_Golden_SaysWhatTheProgramsDo(string id, string column)
    {
        var sizing = MessageName.Read(All[id].Name, PolicyColumn.Policy(column), out var bytes);

        Assert.Equal(All[id].Expected[column], (sizing, bytes));
    }
}
